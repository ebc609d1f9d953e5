"""Small annotation files of talk.mp4, a video of 40 frames at 25 a second (1.6 s)."""

import json

EAF = """<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" DATE="2024-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0">
 <HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">
  <MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/Users/x/talk.mp4" MIME_TYPE="video/mp4" RELATIVE_MEDIA_URL="./talk.mp4"/>
 </HEADER>
 <TIME_ORDER>
  <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="200"/>
  <TIME_SLOT TIME_SLOT_ID="ts2" TIME_VALUE="400"/>
  <TIME_SLOT TIME_SLOT_ID="ts3" TIME_VALUE="410"/>
  <TIME_SLOT TIME_SLOT_ID="ts4" TIME_VALUE="900"/>
 </TIME_ORDER>
 <TIER TIER_ID="gesture@anna" PARTICIPANT="anna" LINGUISTIC_TYPE_REF="gesture">
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2" CVE_REF="c0"><ANNOTATION_VALUE>scratch</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts3" TIME_SLOT_REF2="ts4"><ANNOTATION_VALUE>fold</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
 </TIER>
 <TIER TIER_ID="confidence@anna" PARENT_REF="gesture@anna" PARTICIPANT="anna" LINGUISTIC_TYPE_REF="confidence">
  <ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a3" ANNOTATION_REF="a2"><ANNOTATION_VALUE>0.75</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>
 </TIER>
 <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="gesture" TIME_ALIGNABLE="true" GRAPHIC_REFERENCES="false" CONTROLLED_VOCABULARY_REF="hands"/>
 <LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="confidence" TIME_ALIGNABLE="false" CONSTRAINTS="Symbolic_Association"/>
 <LANGUAGE LANG_ID="eng" LANG_LABEL="English"/>
 <LANGUAGE LANG_ID="nld" LANG_LABEL="Dutch"/>
 <CONSTRAINT STEREOTYPE="Symbolic_Association"/>
 <CONTROLLED_VOCABULARY CV_ID="hands">
  <CV_ENTRY_ML CVE_ID="c0"><CVE_VALUE LANG_REF="eng" DESCRIPTION="at the neck">scratch</CVE_VALUE><CVE_VALUE LANG_REF="nld">krab</CVE_VALUE></CV_ENTRY_ML>
  <CV_ENTRY_ML CVE_ID="c1"><CVE_VALUE LANG_REF="eng">fold</CVE_VALUE><CVE_VALUE LANG_REF="nld">vouw</CVE_VALUE></CV_ENTRY_ML>
 </CONTROLLED_VOCABULARY>
</ANNOTATION_DOCUMENT>
"""

OLD_TABULAR = "\r\n".join(
    [
        "Observation id\tfirst",
        "\t",
        "Media file(s)\t",
        "Player #1\ttalk.mp4",
        "Observation date\t2020-01-01 10:00:00",
        "Time offset (s)\t0.0",
        "independent variables\t",
        "variable\tvalue",
        "weather\train",
        "\t",
        "Time\tMedia file path\tTotal length\tFPS\tSubject\tBehavior\tBehavioral category\tComment\tStatus",
        "0.200\ttalk.mp4\t1.600\t25.0\tanna\tscratch\thand\tslow\tSTART",
        "0.400\ttalk.mp4\t1.600\t25.0\tanna\tscratch\thand\t\tSTOP",
        "0.650\ttalk.mp4\t1.600\t25.0\tanna\tblink\thead\t\tPOINT",
        "",
    ]
)

NEW_TABULAR = "\r\n".join(
    [
        "Observation id,Observation date,Description,Observation duration,Observation type,Source,Time offset (s),Media duration (s),FPS,weather,Subject,Behavior,Behavioral category,Modifier #1,Behavior type,Time,Media file name,Image index,Image file path,Comment",
        'first,2020-01-01 10:00:00,,1.6,Media file(s),player #1:talk.mp4,0.0,1.600,25.000,rain,anna,scratch,hand,left,START,0.200,talk.mp4,NA,NA,"slow, long"',
        "first,2020-01-01 10:00:00,,1.6,Media file(s),player #1:talk.mp4,0.0,1.600,25.000,rain,anna,scratch,hand,left,STOP,0.400,talk.mp4,NA,NA,",
        "first,2020-01-01 10:00:00,,1.6,Media file(s),player #1:talk.mp4,0.0,1.600,25.000,rain,anna,blink,head,,POINT,0.650,talk.mp4,16,NA,",
        "",
    ]
)

AGGREGATED = "\n".join(
    [
        "Observation id;Observation date;Description;Media file;Total length;FPS;Subject;Behavior;Behavioral category;Modifiers;Behavior type;Start (s);Stop (s);Duration (s);Comment start;Comment stop",
        "first;2020-01-01 10:00:00;;talk.mp4;1,600;25,0;No focal subject;scratch;hand;left|soft;STATE;0,200;0,400;0,200;slow;",
        "first;2020-01-01 10:00:00;;talk.mp4;1,600;25,0;No focal subject;blink;head;;POINT;0,650;NA;NA;;",
        "",
    ]
)


def project(**changes) -> dict:
    """A BORIS project; `changes` replaces parts of its observation."""
    observation = {
        "file": {"1": ["talk.mp4"], "2": []},
        "type": "MEDIA",
        "date": "2020-01-01T10:00:00",
        "description": "",
        "time offset": 0.0,
        "events": [
            [0.2, "anna", "scratch", "left", "slow", "NA"],
            [0.4, "anna", "scratch", "left", "", "NA"],
            [0.65, "anna", "blink", "", "", 17],
        ],
        "independent_variables": {},
        "media_info": {"length": {"talk.mp4": 1.6}, "fps": {"talk.mp4": 25.0}, "offset": {"1": 0}},
    } | changes
    return {
        "project_format_version": "7.0",
        "subjects_conf": {"0": {"key": "a", "name": "anna", "description": ""}},
        "behaviors_conf": {
            "0": {
                "type": "State event",
                "key": "s",
                "code": "scratch",
                "description": "at the neck",
                "category": "hand",
            },
            "1": {
                "type": "Point event with coding map",
                "key": "b",
                "code": "blink",
                "description": "",
                "category": "head",
            },
        },
        "observations": {"first": observation},
    }


def project_text(**changes) -> str:
    """The project as BORIS writes it."""
    return json.dumps(project(**changes))
