/**
 * What the report's page does in a browser. It builds elements and sets their text, and never markup, so that nothing of a
 * job is read as such.
 */
export const script = `
'use strict';
const report = JSON.parse(document.getElementById('data').textContent);
const classes = ['direct', 'approximate', 'manual', 'dropped'];
const words = { direct: 'direct', approximate: 'approximate', manual: 'for a person', dropped: 'dropped', go: 'go', decide: 'decide first', refused: 'refused' };
const shown = new Set(classes);
let job = report.modules[0];
let file = '';

function make(name, settings, ...children) {
  const { on = {}, ...rest } = settings || {};
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(rest)) {
    if (key === 'className') element.className = value;
    else element.setAttribute(key, value);
  }
  for (const [event, listener] of Object.entries(on)) element.addEventListener(event, listener);
  element.append(...children);
  return element;
}

function draw() {
  document.getElementById('report').replaceChildren(head(), filters(), overview(), ...(job ? view() : []));
}

function head() {
  const { direct, approximate, manual, dropped, modules, refused } = report.counts;
  const text = (direct + approximate + manual + dropped) + ' lines, ' + modules + ' modules, ' + refused + ' refused. Choose a line on one side to see it on the other.';
  return make('header', {}, make('h1', {}, 'Migration report'), make('p', { className: 'quiet' }, text), ...problems());
}

function problems() {
  if (report.diagnostics.length === 0) return [];
  const items = report.diagnostics.map(({ severity, message, file, line, code }) => make('li', {}, severity + ': ' + (file ? file + ':' + line + ': ' : '') + message + ' (' + code + ')'));
  return [make('details', report.diagnostics.some(({ severity }) => severity === 'error') ? { open: '' } : {}, make('summary', {}, items.length + ' problems in the input'), make('ul', {}, ...items))];
}

function filters() {
  const buttons = classes.map((each) => make('button', {
    type: 'button', className: 'dot ' + each, 'aria-pressed': String(shown.has(each)),
    on: { click() { if (shown.has(each)) shown.delete(each); else shown.add(each); draw(); document.querySelector('button.' + each).focus(); } },
  }, words[each] + ' ' + report.counts[each]));
  return make('div', { className: 'bar', role: 'group', 'aria-label': 'Show lines that are' }, ...buttons);
}

function overview() {
  const rows = report.modules.map((each) => make('tr', {},
    make('td', {}, make('button', { type: 'button', className: 'link', ...(each === job ? { 'aria-current': 'true' } : {}), on: { click() { job = each; file = ''; draw(); } } }, each.name)),
    make('td', {}, make('span', { className: 'tag ' + each.verdict }, words[each.verdict])),
    ...classes.map((name) => make('td', { className: 'number' }, String(each.counts[name]))),
    make('td', {}, each.calls.join(', ')),
  ));
  const titles = ['Job', 'Verdict', ...classes.map((each) => words[each]), 'Calls'];
  const top = make('tr', {}, ...titles.map((title, index) => make('th', { scope: 'col', ...(index > 1 && index < 6 ? { className: 'number' } : {}) }, title)));
  const steps = report.order.map((step) => make('li', {}, step.join(', ')));
  return make('details', report.modules.length > 1 ? { open: '' } : {}, make('summary', {}, 'Jobs and their order'),
    make('div', { className: 'wide' }, make('table', {}, make('thead', {}, top), make('tbody', {}, ...rows))),
    make('ol', {}, ...steps));
}

function accountsOfJob() {
  return job.accounts.map(([line, below, kind, text, todo, row, ...places]) => ({
    line, path: pathOf(report.texts[below]), class: report.texts[kind], text: report.texts[text], todo: report.texts[todo], row: report.texts[row],
    outputs: places.flatMap((index, at) => at % 2 === 0 ? [{ file: job.manifests[index][0], line: places[at + 1] }] : []),
  }));
}

function pathOf(below) {
  return below.startsWith(' ') ? below.slice(1) : 'job.' + job.job + below;
}

function textsOf(numbers) {
  return numbers.map((number) => report.texts[number]);
}

function worst(accounts) {
  return ['manual', 'approximate', 'dropped', 'direct'].find((name) => accounts.some((each) => each.class === name));
}

function view() {
  const own = accountsOfJob();
  const files = job.manifests.map(([path]) => path);
  if (!files.includes(file)) file = files[0] || '';
  const todos = job.todos.map(({ line, text }) => make('li', {},
    make('button', { type: 'button', className: 'link', on: { click() { choose(own.filter((each) => each.line === line)); } } }, 'line ' + line), ' ' + text));
  return [
    make('h2', {}, job.name, ' ', make('span', { className: 'tag ' + job.verdict }, words[job.verdict])),
    ...job.reasons.map((reason) => make('p', {}, reason)),
    ...(todos.length > 0 ? [make('details', { open: '' }, make('summary', {}, todos.length + ' things to decide'), make('ul', { className: 'short' }, ...todos))] : []),
    make('div', { className: 'panes' }, left(own), right(own, files)),
    make('section', { id: 'details', 'aria-live': 'polite' }),
  ];
}

function left(own) {
  const lines = textsOf(job.source);
  const byLine = Map.groupBy(own, (each) => each.line);
  const rows = lines.map((text, index) => {
    const here = byLine.get(index + 1) || [];
    return row({ id: 'in', number: index + 1, text, here, chosen: here });
  });
  return make('section', { className: 'pane', 'aria-label': 'Job' }, make('header', {}, make('strong', {}, job.file)), make('div', { className: 'code', tabindex: '0' }, ...rows));
}

function right(own, files) {
  const select = make('select', { 'aria-label': 'Manifest', on: { change() { file = select.value; draw(); } } },
    ...files.map((each) => make('option', { value: each, ...(each === file ? { selected: '' } : {}) }, each.slice(each.indexOf('/') + 1))));
  const byLine = new Map();
  for (const account of own) for (const output of account.outputs) {
    if (output.file === file) byLine.set(output.line, [...(byLine.get(output.line) || []), account]);
  }
  const lines = textsOf((job.manifests.find(([path]) => path === file) || ['', []])[1]);
  if (lines.at(-1) === '') lines.pop();
  const rows = lines.map((text, index) => {
    const here = byLine.get(index + 1) || [];
    return row({ id: 'out', number: index + 1, text, here, chosen: here });
  });
  const body = files.length > 0 ? make('div', { className: 'code', tabindex: '0' }, ...rows) : make('p', { className: 'about' }, 'Nothing was written.');
  return make('section', { className: 'pane', 'aria-label': 'Manifests' }, make('header', {}, ...(files.length > 0 ? [select] : [])), body);
}

function row({ id, number, text, here, chosen }) {
  const visible = here.filter((each) => shown.has(each.class));
  const name = ['row', ...(here.length > 0 ? ['linked', worst(visible.length > 0 ? visible : here)] : []), ...(here.length > 0 && visible.length === 0 ? ['faint'] : [])].join(' ');
  const pick = () => choose(chosen);
  const focus = here.length > 0 ? { role: 'button', tabindex: '0', on: { click: pick, keydown(event) { if (event.key === 'Enter' || event.key === ' ') { event.preventDefault(); pick(); } } } } : {};
  return make('div', { id: id + '-' + number, className: name, ...focus }, make('span', { 'aria-hidden': 'true' }, String(number)), make('span', {}, text));
}

function choose(accounts) {
  const target = accounts.flatMap((each) => each.outputs)[0];
  const there = accounts.some((each) => each.outputs.some((output) => output.file === file));
  if (target && !there) { file = target.file; draw(); }
  for (const each of document.querySelectorAll('.chosen')) each.classList.remove('chosen');
  const marks = [...accounts.map((each) => 'in-' + each.line), ...accounts.flatMap((each) => each.outputs).filter((each) => each.file === file).map((each) => 'out-' + each.line)];
  for (const mark of marks) document.getElementById(mark)?.classList.add('chosen');
  for (const side of ['in-', 'out-']) {
    const first = marks.find((mark) => mark.startsWith(side));
    const element = first && document.getElementById(first);
    if (element) { const pane = element.parentElement; const top = element.offsetTop - pane.offsetTop; if (top < pane.scrollTop || top > pane.scrollTop + pane.clientHeight - 40) pane.scrollTop = top - pane.clientHeight / 3; }
  }
  document.getElementById('details').replaceChildren(...accounts.map(about));
}

function about({ path, class: kind, text, todo, row, outputs }) {
  const places = outputs.map(({ file: at, line }) => make('li', {}, make('code', {}, at + ':' + line)));
  return make('div', { className: 'about ' + kind }, make('strong', { className: 'dot' }, words[kind]), ' ', make('code', {}, path),
    make('div', {}, text + ' (' + row + ')'), ...(todo ? [make('div', {}, make('strong', {}, 'To do: '), todo)] : []), ...(places.length > 0 ? [make('ul', {}, ...places)] : []));
}

draw();
`;
