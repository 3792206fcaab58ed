/** A server binary that the dev stack needs, and every way of getting it. */
export interface PinnedTool {
  /** The binary's name on PATH and in the cache. */
  name: 'temporal' | 'versitygw';
  version: string;
  /** The oldest version that may be used, for a tool whose earlier versions break a promise. */
  oldestUsable?: string;
  /** The purpose of the tool in a few words. */
  purpose: string;
  /** The environment variable that names a server which already exists. */
  addressVariable: 'TEMPORAL_ADDRESS' | 'AWS_ENDPOINT_URL_S3';
  /** A more general variable, which is used where the first one is not set. */
  generalVariable?: 'AWS_ENDPOINT_URL';
  /** Import path of the command, for `go install`. */
  goPackage: string;
  /**
   * The time that `go install` takes on two cores where Go has compiled nothing before, in minutes.
   */
  compileMinutes: number;
  /**
   * The number of packages that it then compiles, Go's own included: `go list -deps` in the
   * command's folder.
   */
  compilePackages: number;
  /** A page with other ways to install it. */
  homepage: string;
  /** Official release archives by `<process.platform>-<process.arch>`. */
  archives: Readonly<Record<string, ReleaseArchive>>;
}

export interface ReleaseArchive {
  url: string;
  /** sha256, hex, of the archive. */
  sha256: string;
  /** The binary's path inside the archive. */
  member: string;
}

/** 1.5.1 is the last version without a replace directive, which `go install` refuses. */
export const TEMPORAL: PinnedTool = {
  name: 'temporal',
  version: '1.5.1',
  purpose: 'the Temporal dev server',
  addressVariable: 'TEMPORAL_ADDRESS',
  goPackage: 'github.com/temporalio/cli/cmd/temporal',
  compileMinutes: 8,
  compilePackages: 1298,
  homepage: 'https://docs.temporal.io/cli',
  archives: {
    'linux-x64': temporalArchive(
      'linux_amd64',
      'ddc95e08b0b076efd4ea9733a3f488eb7d2be875f8834e616cd2a37358b4852d',
    ),
    'linux-arm64': temporalArchive(
      'linux_arm64',
      'bd1b0db9f18b051026de8bf6cc1505f2510f14bbb7a8b9a4a91fff46c77454f5',
    ),
    'darwin-x64': temporalArchive(
      'darwin_amd64',
      'bbb73e2a31135abe50a1f1cdb35030c42961df618e8ce9c60ae89f201540c5d9',
    ),
    'darwin-arm64': temporalArchive(
      'darwin_arm64',
      'cca01b7ea35ad56e2a328d9ae596bf716bd22313ef63c7a761c88354457c2415',
    ),
  },
};

/** Up to 1.7, several of the writers that race to create an object are told that they did. */
export const VERSITYGW: PinnedTool = {
  name: 'versitygw',
  version: '1.8.0',
  oldestUsable: '1.8.0',
  purpose: 'the S3 server',
  addressVariable: 'AWS_ENDPOINT_URL_S3',
  generalVariable: 'AWS_ENDPOINT_URL',
  goPackage: 'github.com/versity/versitygw/cmd/versitygw',
  compileMinutes: 2,
  compilePackages: 589,
  homepage: 'https://github.com/versity/versitygw/wiki/Install',
  archives: {
    'linux-x64': versitygwArchive(
      'Linux_x86_64',
      '2ba2c734d10d2c4e651d03182cb4b246656bc735a2f282db7b0b73fba6073467',
    ),
    'linux-arm64': versitygwArchive(
      'Linux_arm64',
      'b34051d33f5a9c457f790896acb7bd7d7e15ad8d92efb70616b924f37e401910',
    ),
    'darwin-x64': versitygwArchive(
      'Darwin_x86_64',
      '104bd978e80ef0173554cfd8630ccc5bac24b00da440510b60365a3b6b6ab134',
    ),
    'darwin-arm64': versitygwArchive(
      'Darwin_arm64',
      '4953096f65a9c0d62ab184fb6b2ba7c2435229205cf00a56cb62cd4bf6b216ca',
    ),
  },
};

function temporalArchive(platform: string, sha256: string): ReleaseArchive {
  const release = 'https://github.com/temporalio/cli/releases/download/v1.5.1';
  return { url: `${release}/temporal_cli_1.5.1_${platform}.tar.gz`, sha256, member: 'temporal' };
}

function versitygwArchive(platform: string, sha256: string): ReleaseArchive {
  const release = 'https://github.com/versity/versitygw/releases/download/v1.8.0';
  const name = `versitygw_v1.8.0_${platform}`;
  return { url: `${release}/${name}.tar.gz`, sha256, member: `${name}/versitygw` };
}
