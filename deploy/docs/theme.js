// Before the first paint: what the reader has chosen here before, else what the system says.
try {
  const chosen = localStorage.getItem('larder-theme');
  if (chosen === 'light' || chosen === 'dark') document.documentElement.dataset.theme = chosen;
} catch {
  // a page from the disk may have no storage: the system's choice stands
}
