// Choose a class by its number or a part of its name.
const picker = byId('picker');
let pickerDone = null, choices = [], choicePlace = 0;

function chooseClass(title, current, second, done) {
  pickerDone = done;
  byId('picker-title').textContent = title;
  byId('picker-text').value = '';
  picker.dataset.second = second ?? '';
  picker.showModal();
  fillChoices('');
  choicePlace = Math.max(0, choices.findIndex((c) => c.label === current));
  markChoice();
  byId('picker-text').focus();
}

function fillChoices(text) {
  const words = text.trim().toLowerCase();
  const fits = ({ label, name, group }) => words === '' || String(label) === words || (!/^\d+$/.test(words) && `${name} ${group}`.toLowerCase().includes(words)) || (/^\d+$/.test(words) && String(label).startsWith(words));
  choices = labels.filter(fits).sort((a, b) => (String(b.label) === words) - (String(a.label) === words));
  choicePlace = 0;
  byId('picker-list').replaceChildren(...choices.map((choice, place) => {
    const extra = String(choice.label) === picker.dataset.second ? 'second choice · ' : '';
    const item = make('li', { role: 'option', id: `choice-${place}` },
      make('code', {}, String(choice.label)), make('i', { class: 'swatch', style: `background:${choice.colour}` }),
      make('span', {}, choice.name, make('small', {}, extra + (choice.description || choice.group))));
    item.addEventListener('click', () => takeChoice(place));
    return item;
  }));
  markChoice();
}

function markChoice() {
  [...byId('picker-list').children].forEach((item, place) => {
    item.setAttribute('aria-selected', place === choicePlace);
    if (place === choicePlace) item.scrollIntoView({ block: 'nearest' });
  });
  if (choices.length) byId('picker-text').setAttribute('aria-activedescendant', `choice-${choicePlace}`);
  else byId('picker-text').removeAttribute('aria-activedescendant');
}

function takeChoice(place) {
  const choice = choices[place];
  if (!choice) { say('No class has this name'); return; }
  const done = pickerDone;
  picker.close();
  done(choice.label);
}

byId('picker-text').addEventListener('input', (event) => fillChoices(event.target.value));
byId('picker-text').addEventListener('keydown', (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (by && choices.length) {
    choicePlace = (choicePlace + by + choices.length) % choices.length;
    markChoice();
  } else if (event.key === 'Enter') {
    takeChoice(choicePlace);
  } else {
    return;
  }
  event.preventDefault();
});
picker.addEventListener('close', () => {
  pickerDone = null;
  view.ghost = null;
  redrawLanes();
  byId('list').focus({ preventScroll: true });
});
