/**
 * After `npm ci`: the Node that scripts and the build run with is the one that was reviewed. npm's package `node` fetches it when it is
 * installed, which package-lock.json does not cover. Run by the Node that npm itself runs on, as a wrong one could call itself right.
 */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** SHA-256 of bin/node of npm's packages node-<platform>, each version 24.21.0. */
const known = {
  'linux-x64': '7fde7b8afa198da66257f42ee2001d874c7355631e6d1579a5fb5ef1f246df4c',
  'linux-arm64': '0f8949d1028f6d61506b2d5bc57e7e6fe893d7b1997509b7847294fc9c616584',
};

const root = process.argv[2] ?? join(import.meta.dirname, '..');
const binary = join(root, 'node_modules', 'node', 'bin', 'node');
const platform = `${process.platform}-${process.arch}`;

if (existsSync(binary)) {
  const found = createHash('sha256').update(readFileSync(binary)).digest('hex');
  if (known[platform] === undefined)
    console.error(
      `${binary} was not verified: no checksum is known for ${platform} (scripts/verify-node.mjs). Build on Linux what you deploy.`,
    );
  else if (found !== known[platform]) {
    // Nothing may run by it, not even a second try.
    rmSync(binary);
    console.error(
      `${binary} is not the Node that was reviewed: expected SHA-256 ${known[platform]}, found ${found}. It was removed; find out where npm got it from, then run npm ci again.`,
    );
    process.exitCode = 1;
  }
}
