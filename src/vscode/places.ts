/**
 * Files have a path on this machine and a URI in VS Code. Where a folder is reached through VS Code alone (a virtual
 * workspace), its files stand in a copy, and the two differ: all of us goes by these functions.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import * as vscode from 'vscode';

import { joinPath } from '../core/workspace/names.ts';

interface Copy {
  readonly uri: vscode.Uri;
  /** Absolute. */
  readonly path: string;
}

/** By folder. They stay until the window closes: a folder that is opened again has its copy still. */
const copies = new Map<string, Copy>();
/** Holds the copies of this process; nobody else may read it. */
let base: string | undefined;

const baseName = /^longview-(\d+)-\w{6}$/;

/** The copy's path for a folder that is not on this machine; its own path for one that is. */
export function folderPath(uri: vscode.Uri): string {
  if (uri.scheme === 'file') return uri.fsPath;
  const known = copies.get(uri.toString());
  if (known !== undefined) return known.path;
  if (base === undefined) {
    removeLeftOvers();
    base = mkdtempSync(join(tmpdir(), `longview-${process.pid}-`));
  }
  const path = join(base, String(copies.size));
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

/** The folder reached through VS Code alone that this is in, and the `/`-separated path there, '' for itself. */
export function copyAround(uri: vscode.Uri): { readonly copy: Copy; readonly below: string } | undefined {
  let best: { readonly copy: Copy; readonly below: string } | undefined;
  for (const copy of copies.values()) {
    const { scheme, authority, path } = copy.uri;
    if (uri.scheme !== scheme || uri.authority !== authority) continue;
    const start = path.endsWith('/') ? path : `${path}/`;
    if (uri.path !== path && !uri.path.startsWith(start)) continue;
    const below = uri.path.slice(start.length);
    if (best === undefined || below.length < best.below.length) best = { copy, below };
  }
  return best;
}

/** Takes all copies off this machine. */
export function removeCopies(): void {
  copies.clear();
  if (base !== undefined) rmSync(base, { recursive: true, force: true });
  base = undefined;
}

/** Copies of a process that ended without removing them: source code is not left lying about. */
function removeLeftOvers(): void {
  for (const name of readdirSync(tmpdir())) {
    const pid = Number(baseName.exec(name)?.[1]);
    if (Number.isNaN(pid) || isRunning(pid)) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true, force: true });
    } catch {
      // Another user's.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}
