/** A ledger that `larder ledger serve` serves. What it sends is not believed: every record is read and checked here again. */
import { z } from 'zod';
import type { ArtifactContent } from '../../ledger/artifact-content.ts';
import { recordPath, SIGNATURE_NAMESPACE } from '../../ledger/record.ts';
import { readRecordFile, sha256Of } from '../../ledger/record-file.ts';
import { askServed, problem, readServed, type Served, unlike } from '../../ledger/served.ts';
import { verifySignature } from '../../ledger/ssh-signature.ts';
import { type CheckedFile, survey } from '../../ledger/survey.ts';
import type { Book, Pages } from './book.ts';
import { ledgerFinding, servedFinding } from './ledger-finding.ts';

const AT_ONCE = 500;

/** Members stay in the order in which they came: they are part of the text of the file. */
const item = z.record(z.string(), z.unknown());
const named = z.object({ seq: z.int().min(1), at: z.string(), type: z.string(), id: z.uuid() });
const page = z.object({ items: z.array(item), next: z.string().optional() });
const head = z.object({ hash: z.string() });
const verification = z.object({
  kind: z.enum(['whole', 'broken']),
  findings: z.array(
    z.object({ kind: z.string(), message: z.string(), path: z.string().optional(), seq: z.int().optional() }),
  ),
  looked: z.array(z.looseObject({ source: z.string(), kind: z.string(), why: z.string().optional() })).optional(),
  counts: z.object({ artifacts: z.int() }).optional(),
});
const evidenceFile = z.object({ content: z.base64() });

export async function servedBook(served: Served): Promise<Book> {
  const reader = new Reader(served);
  await reader.refresh();
  return reader;
}

/** Invariant: `#files` are those of the parts before `#cursor`, and of the last part, which is asked for again. */
class Reader implements Book {
  readonly #served: Served;
  #done: readonly CheckedFile[] = [];
  #cursor = '';
  #head = '';
  #pages: Pages | undefined;

  constructor(served: Served) {
    this.#served = served;
  }

  get where(): string {
    return this.#served.url;
  }

  get option(): string {
    return 'DIR';
  }

  pages(): Pages | undefined {
    return this.#pages;
  }

  async refresh(): Promise<void> {
    const { hash } = await readServed(this.#served, 'ledger/head', head);
    if (hash === this.#head && this.#pages !== undefined) return;
    let last: readonly CheckedFile[] = [];
    for (;;) {
      const cursor = this.#cursor === '' ? '' : `&cursor=${encodeURIComponent(this.#cursor)}`;
      const part = await this.#part(`ledger/records?limit=${AT_ONCE}${cursor}`);
      if (part === undefined) continue;
      last = await Promise.all(part.items.map(checked));
      if (part.next === undefined) break;
      this.#done = [...this.#done, ...last];
      this.#cursor = part.next;
    }
    const files = [...this.#done, ...last];
    const { ends, ...surveyed } = survey(files);
    this.#pages = { files, head: ends[0], ...surveyed };
    this.#head = hash;
  }

  /** Undefined: the list has no such place any more, as after a restore of an older state; it is read from its beginning. */
  async #part(path: string): Promise<z.infer<typeof page> | undefined> {
    const { status, body } = await askServed(this.#served, path, {});
    const read = page.safeParse(body);
    if (status === 200 && read.success) return read.data;
    const refused = problem.safeParse(body);
    if (status !== 404 || !refused.success || this.#cursor === '') {
      return readServed(this.#served, path, page); // says what is wrong
    }
    this.#done = [];
    this.#cursor = '';
    return undefined;
  }

  async verify(): Promise<Awaited<ReturnType<Book['verify']>>> {
    const said = await readServed(this.#served, 'ledger/verify', verification);
    const own = (this.#pages?.findings ?? []).map(ledgerFinding);
    const theirs = said.findings
      .map(servedFinding)
      .filter(({ message }) => !own.some((each) => each.message === message));
    const isBreak = ({ weight }: { readonly weight: string }): boolean => weight === 'break';
    const all = [...own, ...theirs];
    return {
      findings: [...all.filter(isBreak), ...all.filter((each) => !isBreak(each))],
      looked: (said.looked ?? []).map(({ source, kind, why }) => {
        const looked = kind === 'looked';
        return {
          source: `${source}, by its server`,
          looked,
          said: looked ? 'looked at' : `not looked at: ${why ?? ''}`,
        };
      }),
      evidence: said.counts?.artifacts,
    };
  }

  async content(...[{ id }, { path, sha256, bytes }]: Parameters<Book['content']>): Promise<ArtifactContent> {
    const address = `ledger/records/${encodeURIComponent(id)}/evidence?path=${encodeURIComponent(path)}`;
    const { status, body } = await askServed(this.#served, address, {});
    const refused = problem.safeParse(body);
    if (status !== 200 && refused.success) return { kind: 'wrong', why: refused.data.detail };
    const read = evidenceFile.safeParse(body);
    if (status !== 200 || !read.success) throw unlike(this.#served, status);
    const content = Buffer.from(read.data.content, 'base64');
    if (sha256Of(content) === sha256 && content.length === bytes) return { kind: 'content', content };
    return { kind: 'wrong', why: `what ${this.#served.url} sent for ${path} is not what was recorded` };
  }
}

/** The text of its file, as anybody makes it of the same record. */
async function checked(sent: z.infer<typeof item>): Promise<CheckedFile> {
  const about = named.safeParse(sent);
  const path = about.success ? recordPath(about.data) : 'a record without a number, time, type or id';
  const { file, unsigned } = readRecordFile(path, Buffer.from(`${JSON.stringify(sent, undefined, 2)}\n`));
  if (file.kind === 'bad') return { file };
  const { signature } = file.record;
  return { file, signature: await verifySignature({ message: unsigned, namespace: SIGNATURE_NAMESPACE, signature }) };
}
