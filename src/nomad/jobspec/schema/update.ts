import { duration, flag, free, integer, type Schema, text } from './spec.ts';

export const update = {
  stagger: duration('Stagger', 30_000),
  max_parallel: integer('MaxParallel', 1),
  health_check: text('HealthCheck', 'checks'),
  min_healthy_time: duration('MinHealthyTime', 10_000),
  healthy_deadline: duration('HealthyDeadline', 300_000),
  progress_deadline: duration('ProgressDeadline', 600_000),
  canary: integer('Canary', 0),
  auto_revert: flag('AutoRevert', false),
  auto_promote: flag('AutoPromote', false),
} as const satisfies Schema;

export const restart = {
  interval: duration('Interval'),
  attempts: integer('Attempts'),
  delay: duration('Delay'),
  mode: text('Mode'),
  render_templates: flag('RenderTemplates'),
} as const satisfies Schema;

export const disconnect = {
  lost_after: duration('LostAfter'),
  stop_on_client_after: duration('StopOnClientAfter'),
  replace: flag('Replace', true),
  reconcile: text('Reconcile'),
} as const satisfies Schema;

export const reschedule = {
  attempts: integer('Attempts'),
  interval: duration('Interval'),
  delay: duration('Delay'),
  delay_function: text('DelayFunction'),
  max_delay: duration('MaxDelay'),
  unlimited: flag('Unlimited'),
} as const satisfies Schema;

export const migrate = {
  max_parallel: integer('MaxParallel'),
  health_check: text('HealthCheck'),
  min_healthy_time: duration('MinHealthyTime'),
  healthy_deadline: duration('HealthyDeadline'),
} as const satisfies Schema;

export const scaling = {
  min: integer('Min'),
  max: integer('Max'),
  policy: free('Policy'),
  enabled: flag('Enabled', true),
  type: text('Type'),
} as const satisfies Schema;
