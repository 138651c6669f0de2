/** Jobs and folders that somebody wrote to do harm, and credentials where no rule looks for them. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import { inputFiles } from '../../src/cli/nomad/input-files.ts';
import { planOutput } from '../../src/cli/nomad/output-files.ts';
import { finishEarlier, writeOutput } from '../../src/cli/nomad/write-output.ts';
import { MARKER } from '../../src/nomad/source/input-name.ts';
import { convertedTexts } from '../nomad/converted.ts';

const TIMEOUT = { timeout: 60_000 };

function folderOf(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'larder-attack-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

const hostile: readonly string[] = [
  'x\n---\nkind: Secret',
  '${file("/etc/passwd")}',
  '"; rm -rf / #',
  "'; rm -rf / #",
  '</script><script>alert(1)</script>',
  '[a](javascript:alert(1)) | b',
  'a\r\n\r\n# H',
  '\u001b[31mred\u0007',
  '\u202eabc',
  '__proto__',
  '*alias &anchor',
  '$(whoami)`id`',
];

const quoted = (text: string): string => JSON.stringify(text).replaceAll('${', () => '$${');

const jobOf = (text: string): string => `job ${JSON.stringify(text.replaceAll('${', () => '$'))} {
  group "g" {
    network {
      port "http" {}
    }
    service {
      name = "s"
      port = "http"
      tags = [${quoted(text)}, ${quoted(`traefik.http.routers.r.rule=Host(\`${text}\`)`)}]
      check {
        type     = "http"
        path     = ${quoted(`/${text}`)}
        interval = "10s"
        timeout  = "1s"
      }
    }
    task "t" {
      driver = "docker"
      config {
        image  = ${quoted(`x:1${text}`)}
        args   = [${quoted(text)}]
        labels = { (${quoted(text)}) = ${quoted(text)} }
      }
      env = { (${quoted(text)}) = ${quoted(text)} }
      template {
        data        = ${quoted(text)}
        destination = "local/x"
      }
    }
  }
}
`;

test('no text of a job, and no name of a file, becomes structure of what is written', TIMEOUT, () => {
  for (const text of hostile) {
    const { files } = convertedTexts(new Map([[`d${text}/j.nomad.hcl`, jobOf(text)]]));
    assert.ok(
      [...files.keys()].some((path) => path.endsWith('deployment.yaml')),
      text,
    );
    for (const [path, written] of files) {
      assert.match(path, /^[\w./-]+$/);
      if (!path.endsWith('.json') && !path.endsWith('.html'))
        // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what it is about
        assert.doesNotMatch(written, /[\0-\u0008\u000b-\u001f\u202e]/, `${path} of ${JSON.stringify(text)}`);
      if (path.endsWith('.yaml')) {
        const documents = parseAllDocuments(written);
        assert.equal(documents.length, 1, path);
        assert.deepEqual('errors' in documents ? [] : documents.flatMap(({ errors }) => errors), [], path);
      }
      if (path.endsWith('.tf')) assert.doesNotMatch(written, /^[^#\n]*(?<!\$)\$\{file/m, path);
      if (path.endsWith('.html')) assert.ok(!written.includes('<script>alert'), path);
    }
  }
});

test('a name of a job that is pasted into a shell names it and does nothing else', () => {
  const { files } = convertedTexts(new Map([['j.nomad.hcl', jobOf("a'; touch /tmp/x #")]]));
  const guide = [...files].find(([path]) => path.endsWith('MIGRATION.md'))?.[1] ?? '';
  assert.ok(guide.includes("nomad job stop 'a'\\''; touch /tmp/x #'"), guide);
});

const USER_WORD = 'Planted12-user';
const LEAKY = `variable "word" {
  sensitive = true
  default   = "Planted0-word"
}
variable "number" {
  type      = number
  sensitive = true
  default   = 987123654
}
variable "api_token" {
  default = "Planted1-default"
}
job "leak" {
  group "g" {
    network {
      port "http" {}
    }
    service {
      name = "leak"
      port = "http"
      tags = ["token=Planted2-tag", "x=\${var.word}"]
      check {
        type     = "http"
        path     = "/health?token=Planted3-query"
        interval = "10s"
        timeout  = "2s"
        header {
          X-Api-Key = ["Planted4-header"]
          X-Word    = ["\${var.word}"]
        }
      }
    }
    task "t" {
      driver = "docker"
      user   = "\${var.word}"
      config {
        image      = "registry.example.org/x:1"
        hostname   = "\${var.word}"
        entrypoint = ["/bin/sh", "-c", "PASSWORD=Planted5-entry exec x \${var.word}"]
        args       = ["--pin", "\${var.number}", "\${var.word}", "curl -u admin:Planted6-login x"]
      }
      env {
        PIN  = "\${var.number}"
        OPTS = "--user bob --password Planted7-flag"
        JSON = "{\\"password\\": \\"Planted8-json\\"}"
        CONN = "Server=db;User Id=sa;Password=Planted9-pairs;"
        UP   = "\${upper(var.word)}"
      }
      template {
        destination = "local/conf.xml"
        data        = <<EOT
<password>Planted10-xml</password>
-----BEGIN RSA PRIVATE KEY-----
Planted11-key
-----END RSA PRIVATE KEY-----
EOT
      }
      artifact {
        source = "https://bob:${USER_WORD}@example.org/x.tgz?token=Planted13-query&archive=tgz"
      }
    }
  }
}
`;

test('no planted credential is in any file, and each that could be written nowhere is told', TIMEOUT, () => {
  const { files, conversion } = convertedTexts(new Map([['leak.nomad.hcl', LEAKY]]));
  for (const [path, written] of files) assert.doesNotMatch(written, /planted\d+-\w+|987123654/i, path);
  assert.doesNotMatch(JSON.stringify(conversion.diagnostics), /planted\d+-|987123654/i);
  assert.ok(conversion.diagnostics.some(({ code }) => code === 'LARDER_NOMAD_SECRET'));
  const service = conversion.accounts.filter(({ item }) => item.path.endsWith('service.tags'));
  assert.ok(
    service.some(({ class: kind }) => kind === 'manual'),
    'the tag is for a person',
  );
});

test('two credentials never share a place in the store', () => {
  const task = (name: string, word: string): string => `task "${name}" {
      driver = "docker"
      config {
        image = "x:1"
        args  = ["a://u:${word}1@h", "b://u:${word}2@h"]
      }
      env {
        DB_PASSWORD = "${word}3"
      }
    }`;
  const job = `job "j" {\n  group "g" {\n${task('one', 'qwe')}\n${task('two', 'rty')}\n  }\n}\n`;
  const { conversion } = convertedTexts(new Map([['j.nomad.hcl', job]]));
  const manifests = conversion.modules.flatMap(({ rendered }) => rendered.manifests);
  const secret = manifests.find(({ kind }) => kind === 'ExternalSecret')?.text ?? '';
  const properties = [...secret.matchAll(/property: (\S+)/g)].map(([, name]) => name);
  assert.equal(new Set(properties).size, 6, secret);
});

test('a list of files does not follow a link out of the folder', (t) => {
  const folder = folderOf(t);
  mkdirSync(join(folder, 'in'));
  mkdirSync(join(folder, 'private'));
  writeFileSync(join(folder, 'private/word'), 'x');
  symlinkSync(join(folder, 'private'), join(folder, 'in/link'));
  writeFileSync(join(folder, 'in/a.nomad.hcl'), '');
  const { filesOf } = inputFiles([join(folder, 'in')]);
  assert.equal(filesOf('a.nomad.hcl').below('link').kind, 'refused');
  assert.equal(filesOf('a.nomad.hcl').read('link/word').kind, 'refused');
});

test('a record of an earlier run that leads out of the folder is refused', async (t) => {
  const folder = folderOf(t);
  const out = join(folder, 'out');
  mkdirSync(join(out, '.larder-nomad.next'), { recursive: true });
  writeFileSync(join(folder, 'precious'), 'mine\n');
  writeFileSync(join(out, '.larder-nomad.next/0'), 'theirs\n');
  const journal = { moves: [{ from: '0', to: '../precious' }], remove: [] };
  writeFileSync(join(out, '.larder-nomad.next/journal.json'), JSON.stringify(journal));
  assert.throws(() => finishEarlier(out), /LARDER_NOMAD_OUTPUT|does not say what an earlier run/);
  rmSync(join(out, '.larder-nomad.next'), { recursive: true });
  writeFileSync(join(out, MARKER), JSON.stringify({ version: 1, files: { 'modules-k8s/a/../../../precious': 'x' } }));
  assert.throws(
    () => planOutput(out, { files: [], folders: ['modules-k8s/a'] }, () => assert.fail('nothing is to be placed')),
    /does not say what was written/,
  );
  assert.equal(readFileSync(join(folder, 'precious'), 'utf8'), 'mine\n');
});

test('a file that came after the plan was made is not replaced, and of two runs one gives way', async (t) => {
  const out = folderOf(t);
  const output = { files: [{ path: 'kubernetes.tf', pieces: () => ['ours\n'] }], folders: [] };
  await writeOutput(out, output, (step) => {
    if (step === 'commit') writeFileSync(join(out, 'kubernetes.tf'), 'mine\n');
  });
  assert.equal(readFileSync(join(out, 'kubernetes.tf'), 'utf8'), 'mine\n');
  assert.equal(readFileSync(join(out, 'kubernetes.tf.new'), 'utf8'), 'ours\n');
  const meanwhile = writeOutput(out, output, (step) => {
    if (step === 'commit') writeFileSync(join(out, MARKER), '{"version":1,"files":{}}\n');
  });
  await assert.rejects(meanwhile, /another run wrote into/);
  assert.ok(!existsSync(join(out, '.larder-nomad.next')));
});
