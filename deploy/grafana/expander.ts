import { chart, type Dashboard, type Panel, quantiles } from './panel.ts';

const claims = (metric: string): string => `max by (namespace, pvc) (${metric})`;
const orNone = (expr: string): string => `${expr} or vector(0)`;

const stat = (title: string, expr: string, description: string): Panel => ({
  title,
  type: 'stat',
  description,
  width: 4,
  height: 4,
  unit: 'none',
  queries: [{ expr, legend: title }],
});

const grown = (outcome: string): string =>
  `sum(increase(pvc_chonker_expansion_outcomes_total{outcome="${outcome}"}[1d]))`;

export const expander: Dashboard = {
  uid: 'larder-expander',
  title: 'Larder / Growth',
  description: 'What the expander does: growths and what became of them, how long it takes, and what it waits for.',
  panels: [
    stat('Requested in a day', grown('requested'), 'Growths that the API server accepted.'),
    stat('Completed in a day', grown('completed'), 'Growths whose volume has the size now.'),
    stat('Failed in a day', grown('failed'), 'Growths that were refused or made no progress; see the reasons below.'),
    stat(
      'Cooling down',
      orNone(`count(${claims('pvc_chonker_cooldown_until_seconds')} > time())`),
      'Claims that grew lately and wait, as their cooldown says.',
    ),
    stat(
      'Nodes that do not answer',
      orNone('count(max by (node) (pvc_chonker_node_scrape_success) == 0)'),
      'Their volumes have no new figures, and do not grow on old ones.',
    ),
    stat(
      'Drivers left alone',
      orNone('count(max by (driver) (pvc_chonker_circuit_state) > 0)'),
      'They failed several times in a row; one claim at a time tries again.',
    ),
    chart('Growths', 'none', 'In the hour before, by what became of them.', [
      { expr: 'sum by (outcome) (increase(pvc_chonker_expansion_outcomes_total[1h]))', legend: '{{outcome}}' },
    ]),
    chart('Failures by reason', 'none', 'Since the operator started, of claims that are still there.', [
      { expr: orNone('sum by (reason) (pvc_chonker_expansion_failures_total)'), legend: '{{reason}}' },
    ]),
    chart('Claims that came to a limit', 'none', 'Since the operator started, of claims that are still there.', [
      { expr: orNone('sum by (type) (pvc_chonker_threshold_reached_total)'), legend: 'threshold: {{type}}' },
      { expr: orNone('sum(pvc_chonker_max_size_reached_total)'), legend: 'largest size' },
      { expr: orNone('sum(pvc_chonker_pvc_unhealthy_total)'), legend: 'unhealthy' },
    ]),
    chart(
      'Time that growths take',
      's',
      'controller: until the volume has grown; filesystem: until its filesystem has.',
      quantiles('pvc_chonker_expansion_stage_seconds', ['stage']),
    ),
    chart(
      'One pass over all claims',
      's',
      'It should end well before the next one is due.',
      quantiles('pvc_chonker_loop_duration_seconds'),
    ),
    chart(
      'From a figure to the decision',
      's',
      'Of claims that were measured.',
      quantiles('pvc_chonker_decision_duration_seconds'),
    ),
    chart('Age of figures by node', 's', 'Of the nodes whose last good answer is oldest.', [
      { expr: 'topk(10, time() - max by (node) (pvc_chonker_node_scrape_timestamp_seconds))', legend: '{{node}}' },
    ]),
    chart('Time to ask a node', 's', 'Of the nodes that took longest.', [
      { expr: 'topk(10, max by (node) (pvc_chonker_node_scrape_duration_seconds))', legend: '{{node}}' },
    ]),
    chart('Requests of the expander', 'reqps', 'To the API server. Reads are watches, so at rest there are none.', [
      { expr: orNone('sum by (verb) (rate(pvc_chonker_api_requests_total[5m]))'), legend: '{{verb}}' },
    ]),
    chart('Circuits of drivers', 'none', '0: as usual; 1: one claim tries; 2: left alone.', [
      { expr: 'max by (driver) (pvc_chonker_circuit_state)', legend: '{{driver}}' },
    ]),
    chart('Admission webhook', 'reqps', 'Reviews of new claims and of policies, by the status of the answer.', [
      {
        expr: 'sum by (webhook, code) (rate(controller_runtime_webhook_requests_total[5m]))',
        legend: '{{webhook}} {{code}}',
      },
    ]),
    chart(
      'Time of a review',
      's',
      'The API server waits for it three seconds at most, and then goes on without.',
      quantiles('controller_runtime_webhook_latency_seconds', ['webhook']),
    ),
  ],
};
