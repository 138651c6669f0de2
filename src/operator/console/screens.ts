/** Addresses of the console; each gives the same view when it is opened anew. Pure. */
export const screenPaths = [
  '/',
  '/volumes',
  '/volumes/:namespace/:name',
  '/policies',
  '/policies/new',
  '/policies/:namespace/:name',
  '/exports',
  '/trash',
  '/nomad',
  '/cluster',
  '/changes',
  '/changes/:id',
  '/ledger',
  '/ledger/report',
  '/ledger/:id',
  '/setup',
] as const;
