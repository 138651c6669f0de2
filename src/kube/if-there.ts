import { isKubeError } from './error.ts';

/** What is asked for, or undefined where the API server says that there is none. */
export async function ifThere<T>(asking: Promise<T>): Promise<T | undefined> {
  try {
    return await asking;
  } catch (cause) {
    if (isKubeError(cause, 'KUBE_NOT_FOUND')) return undefined;
    throw cause;
  }
}
