import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveConfiguration } from '../settings/configuration.ts';

/** The problem of a value, without the words before it; the value itself when there is none. */
function read(key: string, value: string): unknown {
  const resolved = resolveConfiguration({ flags: {}, env: {}, file: { [key]: value } });
  if (resolved.kind === 'resolved') return Object.entries(resolved.values).find(([name]) => name === key)?.[1];
  return resolved.problems.map(({ message }) => message).join();
}

test('an address may have a path, and holds no password', () => {
  assert.equal(read('prometheusUrl', 'http://prom:9090'), 'http://prom:9090');
  assert.equal(read('prometheusUrl', 'https://mimir.example/prometheus//'), 'https://mimir.example/prometheus');
  assert.equal(read('prometheusUrl', ''), '');
  for (const bad of ['prom:9090', 'ftp://prom', 'http://prom?x=1', 'http://prom#x', 'http://']) {
    assert.match(String(read('prometheusUrl', bad)), /must be an address such as/, bad);
  }
  assert.match(
    String(read('prometheusUrl', 'http://a:b@prom')),
    /have their own settings, because this one is printed/,
  );
});

test('matchers are matchers and nothing else, because they go into every query', () => {
  for (const good of ['', 'cluster="a"', 'a!="b",c=~"d|e", f!~"x\\"y"']) {
    assert.equal(read('prometheusMatchers', good), good);
  }
  for (const bad of ['cluster=a', 'cluster="a"} or vector(1) or x{a="b"', 'a="b', '{a="b"}', 'a="b",', 'a="b\nc"']) {
    assert.match(String(read('prometheusMatchers', bad)), /must be label matchers such as/, bad);
  }
});

test('a query of one’s own has a place for the matchers; the two that a sample needs cannot be left out', () => {
  assert.equal(read('prometheusCapacityQuery', 'x{$matchers,y="z"}'), 'x{$matchers,y="z"}');
  assert.match(String(read('prometheusCapacityQuery', 'x')), /one line of PromQL with \$matchers/);
  assert.match(String(read('prometheusAvailableQuery', '')), /one line of PromQL with \$matchers/);
  assert.equal(read('prometheusInodesQuery', ''), '');
  assert.match(String(read('prometheusInodesQuery', 'x')), /, or empty$/);
});

test('a tenant cannot bring a header of its own', () => {
  assert.equal(read('prometheusTenant', 'team a|team b'), 'team a|team b');
  assert.match(String(read('prometheusTenant', 'a\r\nauthorization: b')), /plain text without line breaks/);
  assert.match(String(read('prometheusInterval', '500ms')), /at least a second/);
  assert.match(String(read('prometheusNamespaceLabel', 'a-b')), /name of a label/);
});
