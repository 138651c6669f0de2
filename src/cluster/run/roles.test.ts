/** What the roles take is said where Ansible checks it before the first task. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { z } from 'zod';

const ROLES = resolve(import.meta.dirname, '../../../deploy/ansible/roles');
const specs = z.object({
  argument_specs: z.record(
    z.string(),
    z.object({ short_description: z.string(), options: z.record(z.string(), z.object({ type: z.string() })) }),
  ),
});

test('every role says what it takes, and every default is checked', () => {
  const roles = readdirSync(ROLES);
  assert.ok(roles.length >= 13, roles.join());
  for (const role of roles) {
    const file = join(ROLES, role, 'meta', 'argument_specs.yml');
    assert.ok(existsSync(file), `${role} has no meta/argument_specs.yml`);
    const { argument_specs: entries } = specs.parse(parse(readFileSync(file, 'utf8')));
    for (const entry of Object.keys(entries))
      assert.ok(existsSync(join(ROLES, role, 'tasks', `${entry}.yml`)), `${role} has no tasks/${entry}.yml`);
    const said = new Set(Object.values(entries).flatMap(({ options }) => Object.keys(options)));
    const defaults = z
      .record(z.string(), z.unknown())
      .parse(parse(readFileSync(join(ROLES, role, 'defaults', 'main.yml'), 'utf8')));
    assert.deepEqual([...said].toSorted(), Object.keys(defaults).toSorted(), role);
  }
});
