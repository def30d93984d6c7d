import { assert } from "@std/assert";

/** How large a bundle is, in bytes. */
export interface BundleSize {
  /** As a file. */
  readonly minified: number;
  /** As it is sent. */
  readonly gzip: number;
}

/** Bundles and minifies each of some modules by itself, and gives their sizes in order. */
export async function bundleSizes(
  modules: readonly string[],
): Promise<BundleSize[]> {
  const folder = await Deno.makeTempDir({ prefix: "bundle-size-" });
  try {
    const names = modules.map((_, n) => `${n}.ts`);
    for (const [n, name] of names.entries()) {
      await Deno.writeTextFile(`${folder}/${name}`, modules[n]);
    }
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: [
        ...["bundle", "--quiet", "--minify", "--no-config", "--no-lock"],
        ...["--outdir", "out", ...names],
      ],
      cwd: folder,
      env: { NO_COLOR: "1" },
    }).output();
    assert(success, new TextDecoder().decode(stderr));
    return await Promise.all(names.map((name) => {
      const out = `${folder}/out/${name.replace(".ts", ".js")}`;
      return Deno.readFile(out).then(sizeOf);
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function sizeOf(bundle: Uint8Array<ArrayBuffer>): Promise<BundleSize> {
  const body = new Blob([bundle]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  const gzip = await new Response(body).bytes();
  return { minified: bundle.length, gzip: gzip.length };
}
