import { entries, flag, integer, labelled, one, type Schema, text, texts } from './spec.ts';

const port = {
  static: integer('Value'),
  to: integer('To'),
  host_network: text('HostNetwork'),
  ignore_collision: flag('IgnoreCollision', false),
} as const satisfies Schema;

const dns = {
  servers: texts('Servers'),
  searches: texts('Searches'),
  options: texts('Options'),
} as const satisfies Schema;

const cni = {
  args: entries('Args'),
} as const satisfies Schema;

export const network = {
  mode: text('Mode'),
  device: text('Device'),
  cidr: text('CIDR'),
  ip: text('IP'),
  dns: one('DNS', () => dns),
  reserved_ports: labelled('ReservedPorts', () => port),
  port: labelled('DynamicPorts', () => port),
  hostname: text('Hostname'),
  mbits: integer('MBits'),
  cni: one('CNI', () => cni),
} as const satisfies Schema;
