import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { secrets } from '../tools/scan/secret.ts';
import { root } from './source.ts';

const LARGEST_BYTES = 2 * 2 ** 20;
const SEEN_AT_LEAST = 200;

/** Committed files and those about to be. */
const files = execFileSync(
  'git',
  ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
  {
    cwd: root,
    encoding: 'utf8',
  },
)
  .split('\0')
  .filter((path) => path !== '' && existsSync(join(root, path)));
/** Their pixels spell anything by chance; that they carry no text beside them is a test of its own. */
const isPicture = (path: string): boolean => path.endsWith('.png');
const texts = files
  .filter((path) => !isPicture(path))
  .filter((path) => statSync(join(root, path)).size <= LARGEST_BYTES)
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

/** Written so that no pattern matches this file. */
const rules: readonly { readonly what: string; readonly pattern: RegExp; readonly except?: RegExp }[] = [
  { what: 'a path of one machine', pattern: /(?<![\w.$}-])\/(work|root|home\/[a-z]+|Users\/[a-z]+)\/[\w.]/ },
  {
    what: 'the host of a package registry',
    pattern:
      /\b(registry\.(npmjs|yarnpkg)|proxy\.golang|sum\.golang|(files\.)?python[h]osted|pypi\.(org|io)|(static\.)?crates\.io|repo1?\.maven|deb\.debian)\b/,
  },
  ...secrets,
  {
    what: 'how or by whom it was made',
    pattern:
      /\b(cl[a]ude|anthr[o]pic|open[a]i|chatgp[t]|gpt-[3-9]|c[o]pilot|g[e]mini|ll[m]s?|language m[o]del|ai-gener[a]ted|\/tmp\/contr[a]cts)\b/i,
    except: /^package-lock\.json$|^test\/tools\/go\/[\w-]+\/go\.(mod|sum)$/,
  },
  {
    what: 'something left undone',
    pattern: /\b(TO[D]O|FIX[M]E|XX[X])\b/,
    except: /^test\/tools\/go\/[\w-]+\/go\.sum$|^package-lock\.json$|\.generated\.json$/,
  },
];

test('committed files carry no word that belongs to one machine, one registry, one secret or the making of them', (t) => {
  t.diagnostic(`${texts.length} files read`);
  assert.ok(texts.length >= SEEN_AT_LEAST, `only ${texts.length} files read`);
  const found = texts.flatMap(({ path, text }) =>
    rules
      .filter(({ except }) => !except?.test(path))
      .flatMap(({ what, pattern }) =>
        text
          .split('\n')
          .flatMap((line, index) =>
            pattern.test(line) ? [`${path}:${index + 1} has ${what}: ${line.trim().slice(0, 120)}`] : [],
          ),
      ),
  );
  assert.deepEqual(found, []);
});

test('each of these rules finds what it is for', () => {
  const examples = [
    ['/', 'work/main/src'].join(''),
    ['https://registry.', 'npmjs.org/undici'].join(''),
    ['-----BEGIN RSA ', 'PRIVATE KEY-----\\n', 'A'.repeat(64)].join(''),
    ['AKIA', 'ABCDEFGHIJKLMNOP'].join(''),
    ['postgres://me', 'hunter2@db'].join(':'),
    ['written by Chat', 'GPT'].join(''),
    ['// TO', 'DO: later'].join(''),
  ];
  assert.deepEqual(
    examples.map((text) => rules.find(({ pattern }) => pattern.test(text))?.what),
    rules.map(({ what }) => what),
  );
});

test('no committed file is so large that these tests pass it over', () => {
  assert.deepEqual(
    files.filter((path) => !isPicture(path) && !texts.some((each) => each.path === path)),
    [],
  );
});

test('the lock file names versions and checksums, not addresses', () => {
  const text = readFileSync(join(root, 'package-lock.json'), 'utf8');
  assert.ok(text.includes('"integrity"'));
  assert.ok(!text.includes('"resolved": "http'));
});

/** Names of the chunks of a PNG. */
function* chunksOf(picture: Buffer): Generator<string> {
  for (let at = 8; at + 8 <= picture.length; at += 12 + picture.readUInt32BE(at))
    yield picture.toString('latin1', at + 4, at + 8);
}

test('pictures carry pixels, and no text about where or by what they were made', (t) => {
  const pictures = files.filter(isPicture);
  t.diagnostic(`${pictures.length} pictures`);
  const known = ['IHDR', 'PLTE', 'tRNS', 'sRGB', 'gAMA', 'pHYs', 'sBIT', 'bKGD', 'IDAT', 'IEND'];
  for (const path of pictures) {
    const chunks = [...chunksOf(readFileSync(join(root, path)))];
    assert.ok(chunks.includes('IDAT'), `${path} is no picture`);
    assert.deepEqual(
      chunks.filter((name) => !known.includes(name)),
      [],
      path,
    );
  }
});
