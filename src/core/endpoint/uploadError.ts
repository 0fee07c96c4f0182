/** The connection broke while the request was still being written: often somebody who found it too large. */
export class UploadError extends Error {
  constructor(cause: Error) {
    super(cause.message, { cause });
    this.name = 'UploadError';
  }
}
