#!/bin/sh
# mediapipe's metadata asks for numpy 1 and for packages that it never imports; it runs with those of
# pose.yaml. The pin is that of requirements.lock (a test compares them).
set -e
python -m pip install --no-deps mediapipe==0.10.21
