/** A file as its text, by the builder. */
declare module '*?raw' {
  const text: string;
  export = text;
}
