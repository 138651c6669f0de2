/** Takes out of an output what is different each time: times, ages, identifiers, versions and addresses. Nothing else is touched. */

export interface Surroundings {
  /** Of the server, without a path. */
  readonly url: string;
  /** The folder in which the commands run. */
  readonly folder: string;
}

/** What client-go has to say for itself depends on how fast its requests are. */
const CLIENT_LOG = /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ .*\n/gm;
const TIME = /\b\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z| ?[+-]\d\d:?\d\d)/g;
const SPOKEN_TIME = /\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g;
const UID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;
const VERSION = /(resourceVersion\\?"?: ?\\?"|Resource Version: +)\d+/g;
const TOKEN = /\beyJ[\w-]+\.[\w-]+\.[\w-]+/g;
const SERVICE_ADDRESS = /\b10\.96\.\d+\.\d+\b/g;
/** Of an event's name: the time, in hexadecimal digits. */
const EVENT_SUFFIX = /(?<=[a-z0-9]\.)[0-9a-f]{16}\b/g;
/** What the server puts after a `generateName`, which the scenes end in `-gen-`, and after the name of a token's volume. */
const GENERATED = /(?<=-gen-|kube-api-access-)[a-z0-9]{5}\b/g;
/** Where `kubectl diff` writes both sides. */
const DIFFERENCE_FOLDER = /\/\S*\/(LIVE|MERGED)-\d+\//g;
/** `kubectl edit` keeps what was refused. */
const EDITED_FILE = /\/\S*kubectl-edit-\S*?\d+\.yaml/g;
/** How often an event came is a matter of time as well. */
const RECURRENCE = / \(x\d+ over (\d{1,3}s|[2-9]m\d{0,2}s?)\)/g;
/** As kubectl shows less than ten minutes. What is to last so long is no age. */
const AGE = /(?<=^|(?<!\bfor)\s)(?:\d{1,3}s|[2-9]m(?:\d{1,2}s)?)(?=$|\s|\))/gm;

/** A stream that held nothing but such lines is as good as empty. */
export function withoutClientLog(output: string): string {
  return output.replace(CLIENT_LOG, '');
}

export function mask(output: string, { url, folder }: Surroundings): string {
  const uids = new Map<string, string>();
  const withoutValues = withoutClientLog(output)
    .replaceAll(url, 'https://<server>')
    .replaceAll(folder, '<folder>')
    .replace(DIFFERENCE_FOLDER, '<$1>/')
    .replace(EDITED_FILE, '<edited>')
    .replace(TIME, '<time>')
    .replace(SPOKEN_TIME, '<time>')
    .replace(UID, (uid) => {
      const known = uids.get(uid) ?? `<uid ${uids.size + 1}>`;
      uids.set(uid, known);
      return known;
    })
    .replace(VERSION, '$1<version>')
    .replace(TOKEN, '<token>')
    .replace(SERVICE_ADDRESS, '<service address>')
    .replace(EVENT_SUFFIX, '<time>')
    .replace(GENERATED, '<generated>');
  const withoutAges = withoutValues.replace(RECURRENCE, '').replace(AGE, '<age>');
  // the columns of a table are as wide as their widest cell, and an age can be that
  return withoutAges === withoutValues
    ? withoutAges
    : withoutAges.replace(/(?<=\S) {2,}(?=\S)/g, '  ').replace(/ +$/gm, '');
}
