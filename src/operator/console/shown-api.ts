import { connect } from '../../kube/connection.ts';
import type { TlsMaterial } from '../../kube/credentials.ts';
import type { Clock } from '../../telemetry/clock.ts';

/** An API server as a client with this kubeconfig finds it, for looking at its certificate. */
export async function shownApi(
  kubeconfig: string,
  clock: Clock,
): Promise<{ readonly server: string; readonly tls: TlsMaterial }> {
  const { transport, server, tls } = await connect({ clock, kubeconfig, inCluster: false });
  try {
    return { server, tls: await tls() };
  } finally {
    await transport.close();
  }
}
