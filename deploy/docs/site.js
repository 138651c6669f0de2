/** What moves in a page of the documentation: the search, and light or dark. Without it the pages are read as they are. */
import MiniSearch from 'minisearch';
import { searchOptions } from './search-options.ts';

const MOST = 12;
const page = document.documentElement;
const root = page.dataset.root ?? '';
const box = document.querySelector('.search');
const input = box.querySelector('input');
const list = box.querySelector('#found');
const told = box.querySelector('.told');

/** The index is fetched when somebody begins to search; a script can be loaded from the disk, too. */
let loading;
function index() {
  loading ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = `${root}search.js`;
    script.onload = () => resolve(MiniSearch.loadJSON(globalThis.larderSearch, searchOptions));
    script.onerror = () => {
      loading = undefined; // the next key tries again
      reject(new Error('the index cannot be loaded'));
    };
    document.head.append(script);
  });
  return loading;
}

function close() {
  list.hidden = true;
  input.setAttribute('aria-expanded', 'false');
  input.removeAttribute('aria-activedescendant');
}

function say(text) {
  told.textContent = text;
}

function row({ id, title, heading, excerpt }, number) {
  const link = document.createElement('a');
  link.id = `found-${number}`;
  link.role = 'option';
  link.href = root + id;
  link.tabIndex = -1;
  const name = document.createElement('strong');
  name.textContent = heading === '' ? title : `${title} › ${heading}`;
  const text = document.createElement('span');
  text.textContent = excerpt;
  link.append(name, text);
  return link;
}

async function search() {
  const wanted = input.value.trim();
  if (wanted === '') {
    close();
    return say('');
  }
  let found;
  try {
    found = (await index()).search(wanted).slice(0, MOST);
  } catch (failure) {
    close();
    return say(`No search: ${failure.message}`);
  }
  if (wanted !== input.value.trim()) return; // a later key has its own answer
  list.replaceChildren(...found.map(row));
  list.hidden = found.length === 0;
  input.setAttribute('aria-expanded', String(found.length > 0));
  input.removeAttribute('aria-activedescendant');
  say(found.length === 0 ? `Nothing about “${wanted}”` : '');
}

function choose(step) {
  const items = [...list.children];
  if (items.length === 0) return;
  const at = items.findIndex((item) => item.ariaSelected === 'true');
  const next = items[(at + step + items.length + (at === -1 && step < 0 ? 1 : 0)) % items.length];
  for (const item of items) item.ariaSelected = String(item === next);
  next.scrollIntoView({ block: 'nearest' });
  input.setAttribute('aria-activedescendant', next.id);
}

input.addEventListener('focus', () => index().catch(() => undefined));
input.addEventListener('input', search);
input.addEventListener('keydown', (event) => {
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    event.preventDefault();
    choose(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.key === 'Enter') {
    (list.querySelector('[aria-selected="true"]') ?? list.querySelector('a'))?.click();
    close();
  } else if (event.key === 'Escape') {
    close();
    input.blur();
  }
});
list.addEventListener('click', close);
document.addEventListener('click', (event) => {
  if (!box.contains(event.target)) close();
});
document.addEventListener('keydown', (event) => {
  if (event.key !== '/' || event.target.closest('input, textarea')) return;
  event.preventDefault();
  input.focus();
});
box.hidden = false;

const theme = document.querySelector('.theme');
theme.hidden = false;
theme.addEventListener('click', () => {
  const isDark = page.dataset.theme
    ? page.dataset.theme === 'dark'
    : matchMedia('(prefers-color-scheme: dark)').matches;
  page.dataset.theme = isDark ? 'light' : 'dark';
  try {
    localStorage.setItem('larder-theme', page.dataset.theme);
  } catch {
    // as in theme.js: it holds for this page
  }
});
document.querySelector('nav [aria-current]')?.scrollIntoView({ block: 'nearest' });
