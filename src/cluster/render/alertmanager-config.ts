/**
 * Who is told, as Alertmanager reads it. No address and no key stands in it: they are files of the Secret `alert-targets`,
 * which is made in memory from what is encrypted.
 */
import type { ClusterSpec } from '../spec/cluster-spec.ts';

type Route = ClusterSpec['alerts']['routes'][number];
type Json = Readonly<Record<string, unknown>>;

/** Where the operator of Prometheus mounts the Secrets of Alertmanager. */
const FOLDER = '/etc/alertmanager/secrets/alert-targets';
/** No id of a route looks like that. */
const NOBODY = '(nobody)';
const SMTP_PASSWORD = 'smtp-password';
/** The longest that somebody waits for a critical alert is five minutes, of which rules take two and a half. */
const WAITS = { group_wait: '10s', group_interval: '1m', repeat_interval: '4h' } as const;

export function alertmanagerConfig({ alerts: { routes, smtp } }: ClusterSpec): Json {
  const mail = smtp === undefined ? {} : smtpOf(smtp);
  const told = routes.filter((route) => canBeTold(route, smtp));
  return {
    global: { resolve_timeout: '5m', ...mail },
    ...(told.some(({ channel }) => channel === 'email') ? { templates: [`${FOLDER}/*.tmpl`] } : {}),
    route: {
      receiver: NOBODY,
      group_by: ['alertname', 'node'],
      ...WAITS,
      routes: [
        ...told.map(({ id, alert }) => ({
          receiver: id,
          matchers: [`alertname=${JSON.stringify(alert)}`],
          continue: true,
        })),
        ...others(told),
      ],
    },
    // Of a node that is away nobody needs to hear that its disk is slow.
    inhibit_rules: [
      { source_matchers: ['alertname="NodeOffline"'], target_matchers: ['severity="warning"'], equal: ['node'] },
    ],
    receivers: [{ name: NOBODY }, ...told.map(receiverOf)],
  };
}

/** A critical alert that no route names reaches somebody all the same: whoever hears of the first that one does. */
function others(told: readonly Route[]): readonly Json[] {
  const first = told.find(({ severity }) => severity === 'critical');
  if (first === undefined) return [];
  const names = told.map(({ alert }) => alert.replaceAll(/[^A-Za-z0-9_ -]/g, '\\$&')).join('|');
  return [{ receiver: first.id, matchers: ['severity="critical"', `alertname!~${JSON.stringify(names)}`] }];
}

type Smtp = NonNullable<ClusterSpec['alerts']['smtp']>;

function smtpOf({ smarthost, from, username, password }: Smtp): Json {
  return {
    smtp_smarthost: smarthost,
    smtp_from: from,
    ...(username === undefined ? {} : { smtp_auth_username: username }),
    ...(password === undefined ? {} : { smtp_auth_password_file: `${FOLDER}/${SMTP_PASSWORD}` }),
  };
}

function canBeTold({ channel }: Route, smtp: Smtp | undefined): boolean {
  return channel !== 'email' || smtp !== undefined;
}

function receiverOf(route: Route): Json {
  const { id, channel } = route;
  switch (channel) {
    case 'pager':
    case 'matrix':
      return { name: id, webhook_configs: [{ url_file: `${FOLDER}/${fileOf(route)}`, send_resolved: true }] };
    case 'email':
      return { name: id, email_configs: [{ to: `{{ template "target-${id}" . }}`, send_resolved: true }] };
    default:
      return channel satisfies never;
  }
}

/** A mailbox cannot be read from a file by itself, but from a template that is one. */
function fileOf({ id, channel }: Route): string {
  return channel === 'email' ? `route-${id}.tmpl` : `route-${id}`;
}

export interface TargetFile {
  readonly name: string;
  readonly reference: string;
  /** The text of the file for what the reference says. */
  content(value: string): string;
}

/** The files of the Secret `alert-targets`, and what each is made from. */
export function targetFiles({ alerts: { routes, smtp } }: ClusterSpec): readonly TargetFile[] {
  const files = routes
    .filter((route) => canBeTold(route, smtp))
    .map((route) => ({
      name: fileOf(route),
      reference: route.target,
      content: (value: string) =>
        route.channel === 'email'
          ? `{{ define "target-${route.id}" }}{{ ${JSON.stringify(value.trim())} }}{{ end }}`
          : value,
    }));
  const password = smtp?.password;
  return password === undefined
    ? files
    : [...files, { name: SMTP_PASSWORD, reference: password, content: (value) => value }];
}

/** Routes that cannot be rendered, in words. */
export function silentRoutes({ alerts: { routes, smtp } }: ClusterSpec): readonly string[] {
  return routes
    .filter((route) => !canBeTold(route, smtp))
    .map(({ id }) => `the route ${id} goes by e-mail, and alerts.smtp names no server: nobody is told by it`);
}
