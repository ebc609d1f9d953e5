// Elements and words that every part uses.
const byId = (id) => document.getElementById(id);

function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === 'class') element.className = value;
    else if (name === 'style') element.style.cssText = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

const clamp = (value, low, high) => Math.min(Math.max(value, low), high);

function clock(seconds, decimals = 2) {
  // 75.5 -> 1:15.50
  const unit = 10 ** decimals;
  const ticks = Math.round(Math.max(seconds, 0) * unit);
  const minutes = Math.floor(ticks / unit / 60);
  const rest = (ticks / unit - minutes * 60).toFixed(decimals);
  return `${minutes}:${rest.padStart(decimals ? decimals + 3 : 2, '0')}`;
}

// An address without its percent signs, as people write it.
function plainAddress(address) {
  try {
    return decodeURIComponent(address);
  } catch {
    return address;
  }
}

const percent = (share) => (share === null ? '' : `${Math.round(share * 100)}\u00a0%`);
const many = (number, word) => `${number} ${word}${number === 1 ? '' : 's'}`;

let sayTimer = 0;
function say(words) {
  // Empty first, so that the same words are read out twice when they are true twice.
  byId('say').textContent = '';
  clearTimeout(sayTimer);
  sayTimer = setTimeout(() => { byId('say').textContent = words; }, 60);
}

function warn(words) {
  byId('warning').textContent = words;
  byId('warning').hidden = !words;
}
