/** What runs in the page to measure it, as text: the page has types of its own. */

/** Before anything of the page runs: when the first row of the table was painted, ms since the navigation. */
export const WATCH_FIRST_ROW = `
  globalThis.firstRow = new Promise((resolve) => {
    const observer = new MutationObserver(() => {
      if (!document.querySelector('.volumes tbody th')) return;
      observer.disconnect();
      requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => resolve(performance.now());
        painted.port2.postMessage(0);
      });
    });
    observer.observe(document, { childList: true, subtree: true });
  });`;

export const FIRST_CONTENT = `performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN`;

/** From what is written into the filter to the frame that shows what it asks for, ms each, in globalThis.filtered. */
export const WATCH_FILTER = `
  globalThis.filtered = [];
  {
    let typedAt;
    const count = () => document.querySelector('h1 .number')?.textContent ?? '';
    let shown = count();
    addEventListener('input', (event) => { typedAt = event.timeStamp; }, { capture: true }); // before the page hears of it
    new MutationObserver(() => {
      if (typedAt === undefined || count() === shown) return;
      shown = count();
      const from = typedAt;
      typedAt = undefined;
      requestAnimationFrame(() => {
        const painted = new MessageChannel();
        painted.port1.onmessage = () => globalThis.filtered.push(performance.now() - from);
        painted.port2.postMessage(0);
      });
    }).observe(document.querySelector('main'), { childList: true, characterData: true, subtree: true });
  }`;

/** The policy of the page forbids what the driver would wait with. */
export const untilFiltered = (answers: number): string => `
  new Promise((resolve, reject) => {
    const look = (left) => {
      if (globalThis.filtered.length >= ${answers}) resolve();
      else if (left === 0) reject(new Error('the filter changed nothing'));
      else setTimeout(look, 20, left - 1);
    };
    look(500);
  })`;

/** From a key to the next frame, ms each, in globalThis.pressed; the letter is in its field by then. */
export const WATCH_INPUT = `
  globalThis.pressed = [];
  addEventListener('keydown', (event) => {
    const from = event.timeStamp;
    requestAnimationFrame(() => {
      const painted = new MessageChannel();
      painted.port1.onmessage = () => globalThis.pressed.push(performance.now() - from);
      painted.port2.postMessage(0);
    });
  }, { capture: true });`;

/** Times of frames from here on, in globalThis.frames. */
export const WATCH_FRAMES = `
  globalThis.frames = [];
  {
    const frame = (at) => {
      globalThis.frames.push(at);
      if (globalThis.frames.length < 100_000) globalThis.framing = requestAnimationFrame(frame);
    };
    globalThis.framing = requestAnimationFrame(frame);
  }`;
export const END_FRAMES = `cancelAnimationFrame(globalThis.framing); globalThis.frames`;

/** A list of as many rows with as much text, drawn and filtered by the least that a page can do. */
export const LEAST_PAGE = (rows: number): string => `<!doctype html>
<style>
  body { margin: 0; font: 14px/1.45 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
  .scroll { height: 780px; overflow: auto; position: relative; }
  .row { position: absolute; top: 0; left: 0; right: 0; height: 44px; display: grid; grid-template-columns: 2fr 1fr 2fr 1fr 1fr; border-bottom: 1px solid #ddd; align-items: center; }
</style>
<main><h1><span class="number">${rows}</span></h1><input data-filter>
<div class="scroll"><div style="height: ${rows * 44}px"></div></div></main>
<script>
  const all = Array.from({ length: ${rows} }, (_, index) =>
    ['claim-' + index, 'team-' + (index % 97), (index % 100) + ' %', (index % 31) + ' Gi', 'state:ok name:plex class:gluster post wiki']);
  let found = all;
  const scroller = document.querySelector('.scroll');
  const rows = Array.from({ length: 36 }, () => {
    const row = document.createElement('div');
    row.className = 'row';
    row.append(...Array.from({ length: 5 }, () => document.createElement('span')));
    scroller.append(row);
    return row;
  });
  const draw = () => {
    const first = Math.max(0, Math.floor(scroller.scrollTop / 44) - 8);
    rows.forEach((row, at) => {
      const index = first + at;
      row.style.transform = 'translateY(' + index * 44 + 'px)';
      const texts = found[index] ?? ['', '', '', '', ''];
      [...row.children].forEach((cell, column) => { cell.textContent = texts[column].slice(0, 12); });
    });
  };
  const count = document.querySelector('.number');
  document.querySelector('[data-filter]').addEventListener('input', ({ target }) => {
    found = all.filter((texts, index) => target.value === '' || (index % 7 > 0 && !texts.join(' ').includes('x' + target.value)));
    count.textContent = String(found.length);
    draw();
  });
  scroller.addEventListener('scroll', draw, { passive: true });
  draw();
</script>`;
