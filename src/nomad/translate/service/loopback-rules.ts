import type { Item } from '../../jobspec/field.ts';
import type { Task } from '../../jobspec/job.ts';
import type { Node } from '../../source/node.ts';
import { portsOf } from '../network/port.ts';
import type { Rule } from '../rule.ts';
import type { GroupScope } from '../scope.ts';

const loopback = /^(?:[a-z]+:\/\/)?(?:127\.0\.0\.1|localhost|\[?::1\]?)(?::(\d+))?\/?$/i;
/** Names under which applications take the address that they listen on. A client's setting (DB_HOST) is not among them. */
const listens =
  /(?:^|_)(?:BIND|LISTEN|LISTENING|INTERFACE)(?:_|$)|^(?:HOST|ADDRESS|IP)$|(?:^|_)(?:HTTP|WEB|SERVER|API|UI)_(?:HOST|ADDR|ADDRESS|IP)$|_(?:LISTEN|BIND)$/i;
const flag = /^--?(?:[\w.-]*(?:bind|listen)[\w.-]*|host|address|addr|ip|http[.-](?:host|addr|address))(?:=(.*))?$/i;

interface Heard {
  readonly item: Item;
  readonly shown: string;
}

const rule: Rule<GroupScope> = {
  id: 'service.loopback',
  nomad: 'an application that listens on 127.0.0.1',
  kubernetes: 'nothing reaches it: neither the Service nor the kubelet',
  class: 'manual',
  why: 'Under Connect the proxy beside it did the talking. In a pod the application must listen on all addresses.',
  apply: (scope, use) => {
    const ports = new Set(portsOf(scope.group).map(({ number }) => String(number)));
    if (ports.size === 0) return;
    for (const task of scope.group.task) {
      for (const { item, shown } of [...inEnv(task, ports), ...inArguments(task, ports)]) {
        const text = `${shown}: it listens on 127.0.0.1, where neither the Service nor a probe reaches it`;
        use.leave(item, { text, todo: `Let ${task.label.text} listen on 0.0.0.0 (${shown}).` });
      }
    }
  },
};

function inEnv({ env }: Task, ports: ReadonlySet<string>): readonly Heard[] {
  return env.flatMap((pair) => {
    const [found, port] = loopback.exec(pair.value) ?? [];
    if (found === undefined) return [];
    const own = listens.test(pair.key) && (port === undefined || ports.has(port));
    return own ? [{ item: pair, shown: `${pair.key}=${pair.value}` }] : [];
  });
}

/** `--bind 127.0.0.1:80`, `--listen=localhost`, in `command` and `args`. */
function inArguments({ config }: Task, ports: ReadonlySet<string>): readonly Heard[] {
  const attribute = config?.body.attributes.find(({ name }) => name === 'args');
  if (!config || !attribute) return [];
  const words = wordsOf(attribute.value);
  return words.flatMap((word, index) => {
    const [matched, inline] = flag.exec(word) ?? [];
    const value = inline ?? words[index + 1] ?? '';
    const [found, port] = matched === undefined ? [] : (loopback.exec(value) ?? []);
    if (found === undefined || (port !== undefined && !ports.has(port))) return [];
    const item = { path: `${config.path}.args`, at: attribute.at };
    return [{ item, shown: inline === undefined ? `${word} ${value}` : word }];
  });
}

function wordsOf(node: Node): readonly string[] {
  if (node.kind !== 'list') return [];
  return node.items.flatMap((item) => (item.kind === 'scalar' ? [String(item.value)] : []));
}

export const loopbackRules: readonly Rule<GroupScope>[] = [rule];
