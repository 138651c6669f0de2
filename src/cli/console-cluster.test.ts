import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ConsoleClusterOptions, consoleCluster } from './console-cluster.ts';
import { Exit } from './exit.ts';

const nothing = (): void => undefined;
const terminal = { out: nothing, err: nothing, interactive: false, columns: 80, env: {} };

const started = (options: ConsoleClusterOptions) => (): unknown => consoleCluster(terminal, options, undefined);

test('an address of Alertmanager that is none is said at the start, without what is secret in it', () => {
  const wrong = [
    { alertmanager: 'alertmanager:9093' },
    { alertmanager: `http://${['ana', 'secret'].join(':')}@127.0.0.1:9093` },
    { alertmanager: 'http://127.0.0.1:9093?token=secret' },
    { alertmanagerService: 'alertmanager' },
    { alertmanagerService: 'a/b:c/../../secrets' },
  ];
  for (const options of wrong) {
    assert.throws(
      started(options),
      (failure) =>
        failure instanceof Exit && !failure.message.includes('secret@') && !failure.message.includes('token=secret'),
    );
  }
  for (const options of [
    {},
    { alertmanager: '' },
    { alertmanager: 'http://127.0.0.1:9093/am' },
    { alertmanagerService: 'm/a:9093' },
  ]) {
    assert.doesNotThrow(started(options));
  }
});
