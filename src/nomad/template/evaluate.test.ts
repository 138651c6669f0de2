import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { z } from 'zod';
import { evaluate } from './evaluate.ts';
import type { World } from './fetch.ts';
import { externalTemplate } from './later.ts';
import { parse } from './parse.ts';
import type { Output } from './value.ts';

const vectors = z
  .object({
    templates: z.array(z.object({ template: z.string(), rendered: z.string(), external: z.string().optional() })),
  })
  .parse(JSON.parse(readFileSync('test/fixtures/nomad/templates/rendered.json', 'utf8'))).templates;

const world: World = {
  mounts: ['secret'],
  environment: (name) => {
    if (name === 'NAME') return { kind: 'known', text: 'value' };
    return name === 'POD_IP' ? { kind: 'later', text: '$(POD_IP)' } : { kind: 'absent' };
  },
  service: (name) => (name === 'db' ? { address: 'db.default.svc.cluster.local', port: 5432 } : undefined),
};

function outputs(template: string, left = '{{', right = '}}'): readonly Output[] {
  const parsed = parse(template, { left, right });
  if (parsed.kind === 'refused') assert.fail(parsed.message);
  const evaluated = evaluate(parsed.pieces, world);
  if (evaluated.kind === 'refused') assert.fail(evaluated.problems.map(({ message }) => message).join());
  return evaluated.outputs;
}

function refusal(template: string): string {
  const parsed = parse(template, { left: '{{', right: '}}' });
  if (parsed.kind === 'refused') return parsed.message;
  const evaluated = evaluate(parsed.pieces, world);
  assert.equal(evaluated.kind, 'refused', template);
  return evaluated.kind === 'refused' ? evaluated.problems.map(({ message }) => message).join('; ') : '';
}

const text = (of: readonly Output[]): string =>
  of.map((output) => (output.kind === 'text' ? output.text : assert.fail(`${output.kind} is no text`))).join('');

const external = (of: readonly Output[]): string => {
  const written = externalTemplate(of, ({ property }) => property);
  return written.kind === 'written' ? written.text : assert.fail(written.message);
};

test('what is known is rendered as consul-template renders it', () => {
  const known = vectors.filter((each) => each.external === undefined);
  assert.ok(known.length > 60, `${known.length} vectors`);
  for (const { template, rendered } of known) assert.equal(text(outputs(template)), rendered, template);
});

test('what a store knows stays a template that Go renders to the same text', () => {
  const secret = vectors.filter((each) => each.external !== undefined);
  assert.ok(secret.length >= 15, `${secret.length} vectors`);
  for (const each of secret) assert.equal(external(outputs(each.template)), each.external, each.template);
});

test('foreign braces survive, also right before a value', () => {
  const of = outputs('{{{ .x }}} {[[ with secret "secret/app" ]][[ .Data.data.k ]][[ end ]]', '[[', ']]');
  assert.equal(external(of), '{{ "{{" }}{ .x }}} {{ "{" }}{{ .k }}');
});

test('both spellings of a path are one secret, and a key of version 1 is told apart', () => {
  const leaf = (template: string) => outputs(template).flatMap((each) => (each.kind === 'later' ? [each.later] : []));
  const both = leaf(
    '{{ with secret "secret/data/a/b" }}{{ .Data.data.k }}{{ end }}{{ (secret "/secret/a/b").Data.data.k }}',
  );
  assert.deepEqual(both[0], both[1]);
  const [first] = leaf('{{ with secret "kv/data/b" }}{{ .Data.k }}{{ end }}');
  assert.deepEqual(first, { kind: 'leaf', leaf: { source: 'vault', path: 'kv/data/b', property: 'k', engine: 1 } });
});

test('variables of Nomad are read by field, by index and by tuples', () => {
  assert.equal(
    external(outputs('{{ with nomadVar "nomad/jobs/x" }}{{ .a }}{{ .b.Value }}{{ index . "c-d" }}{{ end }}')),
    '{{ .a }}{{ .b }}{{ .c-d }}',
  );
  for (const loop of [
    '{{ range .Tuples }}{{ .K }}={{ .V }}{{ end }}',
    '{{ range $k, $v := . }}{{ $k }}={{ $v }}{{ end }}',
  ]) {
    const [each] = outputs(`{{ with nomadVar "v" }}${loop}{{ end }}`);
    assert.equal(each?.kind, 'each');
    assert.deepEqual(each?.kind === 'each' && each.body.map(({ kind }) => kind), ['later', 'text', 'later']);
  }
});

test('instances of a service are its one name and port', () => {
  const ranged = '{{ range service "primary.db" }}{{ .Address }}:{{ .Port }};{{ else }}none{{ end }}';
  assert.equal(text(outputs(ranged)), 'db.default.svc.cluster.local:5432;');
  assert.equal(text(outputs('{{ with service "db" }}{{ with index . 0 }}{{ .Port }}{{ end }}{{ end }}')), '5432');
  assert.equal(text(outputs('{{ range nomadService 1 "key" "db" }}{{ .Port }}{{ end }}')), '5432');
  assert.match(refusal('{{ range service "gone" }}{{ .Address }}{{ end }}'), /gone is not among the jobs/);
  assert.match(refusal('{{ range service "db@other" }}{{ .Address }}{{ end }}'), /data center/);
});

test('what only Nomad, Consul or the moment knows is refused, with where', () => {
  const cases: Readonly<Record<string, RegExp>> = {
    '{{ timestamp }}': /timestamp has no translation/,
    '{{ key "a/b" }}': /key of Consul/,
    '{{ range ls "a" }}{{ .Key }}{{ end }}': /ls has no translation/,
    '{{ file "/etc/hosts" }}': /file has no translation/,
    '{{ plugin "x" }}': /plugin has no translation/,
    '{{ scratch.Set "a" 1 }}': /scratch has no translation/,
    '{{ with secret "pki/issue/web" "common_name=x" }}{{ .Data.certificate }}{{ end }}': /writes to Vault/,
    '{{ with secret "database/creds/web" }}{{ .Data.username }}{{ end }}': /on request/,
    '{{ with secret "secret/x" }}{{ .LeaseID }}{{ end }}': /LeaseID/,
    '{{ with secret "secret/x" }}{{ $y := .Data.data.k }}{{ if $y }}{{ $y = "z" }}{{ end }}{{ end }}':
      /depends on a secret/,
    '{{ with nomadVar "x@other" }}{{ .a }}{{ end }}': /another namespace/,
    '{{ with secret "secret/x" }}{{ .Data.data.k | parseJSON }}{{ end }}': /parseJSON has no translation/,
    '{{ 1.5 }}': /fractions/,
    '{{ .Foo }}': /outside of with and range/,
    '{{ $x }}': /not declared/,
    '{{ template "gone" }}': /no template is called/,
    '{{ regexReplaceAll "a+" "b" "aaa" }}': /regexReplaceAll has no translation/,
  };
  for (const [template, expected] of Object.entries(cases)) assert.match(refusal(template), expected, template);
});

test('what the pod knows can stand in a variable and not in a file', () => {
  const of = outputs('{{ env "POD_IP" }}:80');
  assert.deepEqual(of[0], { kind: 'later', later: { kind: 'environment', text: '$(POD_IP)' } });
  assert.equal(externalTemplate(of, () => 'x').kind, 'refused');
});

test('templates that repeat without end are refused, not run', () => {
  assert.match(refusal('{{ define "a" }}{{ template "a" }}{{ end }}{{ template "a" }}'), /repeats more/);
  const nested = `${'{{ range loop 1000 }}'.repeat(6)}x${'{{ end }}'.repeat(6)}`;
  assert.match(refusal(nested), /repeats more/);
});
