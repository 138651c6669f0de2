import { chart, type Dashboard, type Panel, quantiles } from './panel.ts';

const stat = (title: string, width: 4 | 8, description: string, query: Panel['queries'][number]): Panel => ({
  title,
  type: 'stat',
  description,
  width,
  height: 4,
  unit: 'none',
  queries: [query],
});

const perExport = (metric: string, how: 'max' | 'min'): Panel['queries'][number] => ({
  expr: `${how} by (export) (${metric})`,
  legend: '{{export}}',
});

export const provisioner: Dashboard = {
  uid: 'larder-provisioner',
  title: 'Larder / Provisioner',
  description: 'Exports, the volumes on them, and the work of making and removing directories.',
  panels: [
    stat('Operators that lead', 4, 'One is right; more or fewer are not.', {
      expr: 'sum(larder_leader)',
      legend: 'leading',
    }),
    {
      ...stat(
        'Exports',
        8,
        'An export that is down holds up its own claims and no others.',
        perExport('larder_export_up', 'min'),
      ),
      words: { '0': { text: 'down', color: 'red' }, '1': { text: 'up', color: 'green' } },
    },
    stat('Directories measured', 4, 'Volumes of Larder with a figure of how full they are.', {
      expr: 'count(max by (namespace, persistentvolumeclaim) (larder_volume_used_bytes)) or vector(0)',
      legend: 'directories',
    }),
    stat(
      'In the trash and archived',
      8,
      'Directories of volumes that are gone; larder volumes undelete brings them back.',
      {
        expr: 'sum by (kind) (max by (export, kind) (larder_trash_entries))',
        legend: '{{kind}}',
      },
    ),
    chart('Volumes made and failed', 'reqps', 'Attempts per second; the events of the claims say why one failed.', [
      { expr: 'sum(rate(controller_persistentvolumeclaim_provision_total[5m])) or vector(0)', legend: 'made' },
      { expr: 'sum(rate(controller_persistentvolumeclaim_provision_failed_total[5m])) or vector(0)', legend: 'failed' },
    ]),
    chart(
      'Time to make a volume',
      's',
      'From the first attempt.',
      quantiles('controller_persistentvolumeclaim_provision_duration_seconds'),
    ),
    chart(
      'Volumes removed and failed',
      'reqps',
      'A directory goes as its class says: kept, archived, or to the trash.',
      [
        { expr: 'sum(rate(controller_persistentvolume_delete_total[5m])) or vector(0)', legend: 'removed' },
        { expr: 'sum(rate(controller_persistentvolume_delete_failed_total[5m])) or vector(0)', legend: 'failed' },
      ],
    ),
    chart(
      'Time to remove a volume',
      's',
      'Of the attempts that went well.',
      quantiles('controller_persistentvolume_delete_duration_seconds'),
    ),
    chart('Room on exports', 'bytes', 'What is free, and what all volumes together may use.', [
      { expr: 'min by (export) (larder_export_free_bytes)', legend: 'free {{export}}' },
      { expr: 'max by (export) (larder_export_requested_bytes)', legend: 'requested {{export}}' },
    ]),
    {
      ...chart('Requested ÷ size of exports', 'none', 'Above 1 not all volumes can be full at once.', [
        perExport('larder_export_overcommit_ratio', 'max'),
      ]),
    },
    {
      ...chart('Fullest directories', 'percentunit', 'Of the size of their claims.', [
        {
          expr: 'topk(15, max by (namespace, persistentvolumeclaim) (larder_volume_used_bytes / larder_volume_limit_bytes))',
          legend: '{{namespace}}/{{persistentvolumeclaim}}',
        },
      ]),
      type: 'bargauge',
    },
    chart(
      'Age of the oldest figures',
      's',
      'Since a directory was last read in full; raise usageShare when it only grows.',
      [
        {
          expr: 'topk(10, max by (namespace, persistentvolumeclaim) (larder_volume_usage_age_seconds))',
          legend: '{{namespace}}/{{persistentvolumeclaim}}',
        },
      ],
    ),
    chart('Copies of claims', 'none', 'Running now, and ended since the operator started.', [
      { expr: 'sum(max by (export) (larder_clones_running)) or vector(0)', legend: 'running' },
      { expr: 'sum by (result) (larder_clones_total) or vector(0)', legend: '{{result}}' },
    ]),
    chart('Keys that wait', 'none', 'In the queues of the controllers. It should come back to nothing.', [
      { expr: 'max by (name) (workqueue_depth)', legend: '{{name}}' },
    ]),
    chart('Requests to the API server', 'reqps', 'By method and status; <error> when no answer came.', [
      { expr: 'sum by (method, code) (rate(rest_client_requests_total[5m]))', legend: '{{method}} {{code}}' },
    ]),
    chart('Events', 'reqps', 'By what became of them; limited: too many for one object.', [
      { expr: 'sum by (outcome) (rate(event_recorder_events_total[5m])) or vector(0)', legend: '{{outcome}}' },
    ]),
  ],
};
