/** bun run build [--target bun-linux-arm64] [--out DIR]: compiles collector and hub into single binaries in dist/. */
import { existsSync, mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";

const root = join(import.meta.dir, "..", "..");
const options = new Command("build")
  .description("Compile collector and hub into single binaries.")
  .option("--target <target>", "Bun target, such as bun-linux-arm64; this machine's own when not given")
  .option("--out <dir>", "where the binaries go", join(root, "dist"))
  .parse()
  .opts<{ target?: string; out: string }>();

mkdirSync(options.out, { recursive: true });
for (const name of ["collector", "hub"]) {
  const outfile = join(options.out, name);
  const start = performance.now();
  const target = options.target ? [`--target=${options.target}`] : [];
  const flags = ["--compile", "--minify", "--bytecode", "--format=esm", ...target, `--outfile=${outfile}`];
  const built = Bun.spawnSync(["bun", "build", ...flags, join(root, name, "main.ts")], {
    cwd: root,
    stdout: "pipe",
    stderr: "pipe",
  });
  if (built.exitCode !== 0 || !existsSync(outfile)) {
    console.error(`${name} does not compile:\n${built.stdout}${built.stderr}`);
    process.exit(1);
  }
  const megabytes = (statSync(outfile).size / 1e6).toFixed(0);
  console.log(`${outfile}  ${megabytes} MB  ${((performance.now() - start) / 1000).toFixed(1)} s`);
}
