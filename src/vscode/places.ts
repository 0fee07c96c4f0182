/**
 * Files have a path on this machine and a URI in VS Code. Where a folder is reached through VS Code alone (a virtual
 * workspace), its files stand in a copy, and the two differ: all of us goes by these functions.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import * as vscode from 'vscode';

import { joinPath } from '../core/workspace/names.ts';

interface Copy {
  readonly uri: vscode.Uri;
  /** Absolute. */
  readonly path: string;
}

/** By folder. */
const copies = new Map<string, Copy>();
/** Holds the copies of this process; nobody else may read it. */
let base: string | undefined;
let made = 0;

// Containers that share a temporary folder have processes of the same number.
const machine = createHash('sha256').update(hostname()).digest('hex').slice(0, 8);

/** The copy's path for a folder that is not on this machine; its own path for one that is. */
export function folderPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  const known = copies.get(uri.toString());
  if (known !== undefined) return known.path;
  base ??= mkdtempSync(join(tmpdir(), `longview-${machine}-${process.pid}-`));
  const path = join(base, String(made++));
  copies.set(uri.toString(), { uri, path });
  return path;
}

/** Where the file can be read on this machine; undefined where it is neither a file nor in a folder that is open. */
export function pathOf(uri: vscode.Uri): string | undefined {
  if (uri.scheme === 'file') return uri.fsPath;
  const found = copyAround(uri);
  return found && joinPath(found.copy.path, found.below);
}

/** The URI that VS Code opens for a path of ours. */
export function uriOf(path: string): vscode.Uri {
  for (const copy of copies.values()) {
    if (path === copy.path) return copy.uri;
    if (!path.startsWith(copy.path + sep)) continue;
    return vscode.Uri.joinPath(copy.uri, ...path.slice(copy.path.length + 1).split(sep));
  }
  return vscode.Uri.file(path);
}

/** The innermost folder reached through VS Code alone that this is in, and the path there, '' for itself. */
export function copyAround(uri: vscode.Uri): { readonly copy: Copy; readonly below: string } | undefined {
  let best: { readonly copy: Copy; readonly below: string } | undefined;
  for (const copy of copies.values()) {
    const { scheme, authority, path, query } = copy.uri;
    if (uri.scheme !== scheme || uri.authority !== authority || uri.query !== query) continue;
    const start = path.endsWith('/') ? path : `${path}/`;
    if (uri.path !== path && !uri.path.startsWith(start)) continue;
    const below = uri.path.slice(start.length);
    if (best === undefined || below.length < best.below.length) best = { copy, below };
  }
  return best;
}

/** Takes the copies of all other folders off this machine. */
export function keepCopies(open: readonly vscode.Uri[]): void {
  const kept = new Set(open.map(uri => uri.toString()));
  for (const [uri, { path }] of copies) {
    if (kept.has(uri)) continue;
    copies.delete(uri);
    // What cannot be removed now is removed with the window.
    void rm(path, { recursive: true, force: true }).catch(() => undefined);
  }
}

/** Takes all copies off this machine. */
export function removeCopies(): void {
  copies.clear();
  if (base !== undefined) rmSync(base, { recursive: true, force: true });
}

/** Removes the copies of processes that ended without doing so: source code is not left lying about. Never rejects. */
export async function removeLeftOvers(): Promise<void> {
  const ours = new RegExp(`^longview-${machine}-(\\d+)-\\w{6}$`);
  try {
    for (const name of await readdir(tmpdir())) {
      const pid = Number(ours.exec(name)?.[1]);
      if (!Number.isNaN(pid) && !isRunning(pid))
        await rm(join(tmpdir(), name), { recursive: true, force: true });
    }
  } catch {
    // Another user's, or removed by another of our windows.
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
