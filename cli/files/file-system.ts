import { s3Endpoint } from '../../engine/store/s3-variables.js';
import type { ReadableVersion } from '../../engine/version/resolve-version.js';

/** The place of a store's files, as other programs are told. It never holds credentials. */
export type FileSystem =
  | { kind: 'local'; folder: string }
  | {
      kind: 's3';
      bucket: string;
      /** The root's prefix in the bucket, which may be empty. */
      prefix: string;
      region: string | undefined;
      /** The server other than AWS: its scheme, `http` or `https`, and its host with the port. */
      endpoint: { scheme: string; host: string } | undefined;
    };

/** Returns where a store lies, by its root and the variables that name its S3 server. */
export function fileSystemOf(
  { root }: Pick<ReadableVersion['store'], 'root'>,
  environment: NodeJS.ProcessEnv,
): FileSystem {
  const [, bucket, prefix = ''] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(root) ?? [];
  if (bucket === undefined) return { kind: 'local', folder: root.slice('file://'.length) };
  const named = s3Endpoint(environment);
  const url = named === undefined ? undefined : new URL(named);
  const endpoint = url && { scheme: url.protocol.slice(0, -1), host: url.host };
  const region = environment.AWS_REGION || environment.AWS_DEFAULT_REGION || (endpoint && 'us-east-1');
  return { kind: 's3', bucket, prefix, region: region || undefined, endpoint };
}
