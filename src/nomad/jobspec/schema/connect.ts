import { logs } from './logs.ts';
import { resources } from './resources.ts';
import {
  duration,
  entries,
  flag,
  free,
  integer,
  integers,
  labelled,
  many,
  one,
  type Schema,
  text,
  texts,
} from './spec.ts';
import { identity } from './template.ts';
import { volumeMount } from './volume.ts';

const gatewayBindAddress = {
  address: text('Address'),
  port: integer('Port'),
} as const satisfies Schema;

const gatewayProxy = {
  connect_timeout: duration('ConnectTimeout'),
  envoy_gateway_bind_tagged_addresses: flag('EnvoyGatewayBindTaggedAddresses'),
  envoy_gateway_bind_addresses: labelled('EnvoyGatewayBindAddresses', () => gatewayBindAddress),
  envoy_gateway_no_default_bind: flag('EnvoyGatewayNoDefaultBind'),
  envoy_dns_discovery_type: text('EnvoyDNSDiscoveryType'),
  config: free('Config'),
} as const satisfies Schema;

const gatewaySds = {
  cluster_name: text('ClusterName'),
  cert_resource: text('CertResource'),
} as const satisfies Schema;

const gatewayTls = {
  enabled: flag('Enabled'),
  tls_min_version: text('TLSMinVersion'),
  tls_max_version: text('TLSMaxVersion'),
  cipher_suites: texts('CipherSuites'),
  sds: one('SDS', () => gatewaySds),
} as const satisfies Schema;

const headerModifiers = {
  add: entries('Add'),
  set: entries('Set'),
  remove: texts('Remove'),
} as const satisfies Schema;

const ingressService = {
  name: text('Name'),
  hosts: texts('Hosts'),
  tls: one('TLS', () => gatewayTls),
  request_headers: one('RequestHeaders', () => headerModifiers),
  response_headers: one('ResponseHeaders', () => headerModifiers),
  max_connections: integer('MaxConnections'),
  max_pending_requests: integer('MaxPendingRequests'),
  max_concurrent_requests: integer('MaxConcurrentRequests'),
} as const satisfies Schema;

const ingressListener = {
  port: integer('Port'),
  protocol: text('Protocol'),
  service: many('Services', () => ingressService),
} as const satisfies Schema;

const ingressGateway = {
  tls: one('TLS', () => gatewayTls),
  listener: many('Listeners', () => ingressListener),
} as const satisfies Schema;

const linkedService = {
  name: text('Name'),
  ca_file: text('CAFile'),
  cert_file: text('CertFile'),
  key_file: text('KeyFile'),
  sni: text('SNI'),
} as const satisfies Schema;

const terminatingGateway = {
  service: many('Services', () => linkedService),
} as const satisfies Schema;

const meshGatewayEntry = {} as const satisfies Schema;

const gateway = {
  proxy: one('Proxy', () => gatewayProxy),
  ingress: one('Ingress', () => ingressGateway),
  terminating: one('Terminating', () => terminatingGateway),
  mesh: one('Mesh', () => meshGatewayEntry),
} as const satisfies Schema;

const meshGateway = {
  mode: text('Mode'),
} as const satisfies Schema;

const upstream = {
  destination_name: text('DestinationName'),
  destination_namespace: text('DestinationNamespace'),
  destination_peer: text('DestinationPeer'),
  destination_partition: text('DestinationPartition'),
  destination_type: text('DestinationType'),
  local_bind_port: integer('LocalBindPort'),
  datacenter: text('Datacenter'),
  local_bind_address: text('LocalBindAddress'),
  local_bind_socket_path: text('LocalBindSocketPath'),
  local_bind_socket_mode: text('LocalBindSocketMode'),
  mesh_gateway: one('MeshGateway', () => meshGateway),
  config: free('Config'),
} as const satisfies Schema;

const transparentProxy = {
  uid: text('UID'),
  outbound_port: integer('OutboundPort'),
  exclude_inbound_ports: texts('ExcludeInboundPorts'),
  exclude_outbound_ports: integers('ExcludeOutboundPorts'),
  exclude_outbound_cidrs: texts('ExcludeOutboundCIDRs'),
  exclude_uids: texts('ExcludeUIDs'),
  no_dns: flag('NoDNS'),
} as const satisfies Schema;

const exposePath = {
  path: text('Path'),
  protocol: text('Protocol'),
  local_path_port: integer('LocalPathPort'),
  listener_port: text('ListenerPort'),
} as const satisfies Schema;

const expose = {
  path: many('Paths', () => exposePath),
} as const satisfies Schema;

const proxy = {
  local_service_address: text('LocalServiceAddress'),
  local_service_port: integer('LocalServicePort'),
  expose: one('Expose', () => expose),
  upstreams: many('Upstreams', () => upstream),
  transparent_proxy: one('TransparentProxy', () => transparentProxy),
  config: free('Config'),
} as const satisfies Schema;

const sidecarService = {
  tags: texts('Tags'),
  port: text('Port'),
  proxy: one('Proxy', () => proxy),
  disable_default_tcp_check: flag('DisableDefaultTCPCheck'),
  meta: entries('Meta'),
} as const satisfies Schema;

const sidecarTask = {
  name: text('Name'),
  driver: text('Driver'),
  user: text('User'),
  config: free('Config'),
  env: entries('Env'),
  resources: one('Resources', () => resources),
  meta: entries('Meta'),
  kill_timeout: duration('KillTimeout'),
  logs: one('LogConfig', () => logs),
  shutdown_delay: duration('ShutdownDelay'),
  kill_signal: text('KillSignal'),
  volume_mount: many('VolumeMounts', () => volumeMount),
  identity: many('Identities', () => identity),
} as const satisfies Schema;

export const connect = {
  native: flag('Native', false),
  gateway: one('Gateway', () => gateway),
  sidecar_service: one('SidecarService', () => sidecarService),
  sidecar_task: one('SidecarTask', () => sidecarTask),
} as const satisfies Schema;
