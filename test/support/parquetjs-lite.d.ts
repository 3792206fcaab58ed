/** The part of parquetjs-lite 0.8.7 that the tests use; the package has no types of its own. */
declare module 'parquetjs-lite' {
  export class ParquetReader {
    static openBuffer(buffer: Buffer): Promise<ParquetReader>;
    getCursor(): { next(): Promise<Record<string, unknown> | null | undefined> };
    getMetadata(): Record<string, string>;
    close(): Promise<void>;
  }
}
