/** Addresses of the console; each gives the same view when it is opened anew. Pure. */
export const screenPaths = ['/', '/volumes', '/volumes/:namespace/:name', '/exports', '/trash', '/setup'] as const;
