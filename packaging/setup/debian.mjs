// Brings programs from the distribution's packages: with apt as root, else unpacked into the checkout where that works.
import { mkdirSync, readdirSync, symlinkSync, existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { installedBy, root, run, say, SetupError } from "./toolchain.mjs";

const unpackDir = join(root, ".watchpost", "toolchain");

/** What the README's commands use from the distribution. `alone` packages run unpacked, without being installed. */
export const VICTORIA_METRICS = { program: "victoria-metrics", package: "victoria-metrics", alone: true };
export const TEST_PROGRAMS = [
  VICTORIA_METRICS,
  { program: "snmpd", package: "snmpd", sbin: true },
  { program: "snmpget", package: "snmp" },
  { program: "chromium", package: "chromium" },
];

/** What the long proofs use besides: packets that are dropped in a network of their own, containers. */
export const SCENARIO_PROGRAMS = [
  { program: "nft", package: "nftables", sbin: true },
  { program: "ip", package: "iproute2", sbin: true },
  { program: "unshare", package: "util-linux" },
  { program: "dockerd", package: "docker.io", sbin: true },
];

/** Installs what is missing. Returns the programs that could not be had, each with the reason. */
export function ensurePrograms(programs, env) {
  const missing = programs.filter((p) => !found(p));
  if (missing.length === 0) return [];
  if (!installedBy("apt-get")) return missing.map((p) => ({ ...p, reason: "this machine has no apt-get" }));
  const names = missing.map((p) => p.package);
  if (process.getuid?.() === 0) {
    say(`· ${names.join(", ")}: installing from the distribution`);
    const options = { what: `installing ${names.join(", ")}`, env: { ...env, DEBIAN_FRONTEND: "noninteractive" } };
    run("apt-get", ["update", "-q"], { ...options, what: "reading the distribution's package lists" });
    run("apt-get", ["install", "-q", "-y", "--no-install-recommends", ...names], options);
    return missing
      .filter((p) => !found(p))
      .map((p) => ({ ...p, reason: `${p.package} is installed but has no ${p.program}` }));
  }
  return missing.flatMap((p) =>
    p.alone ? unpack(p) : [{ ...p, reason: `only root may install it: apt-get install ${p.package}` }],
  );
}

function found({ program, sbin }) {
  return (
    existsSync(join(unpackDir, "bin", program)) ||
    installedBy(program) ||
    (sbin === true && existsSync(`/usr/sbin/${program}`))
  );
}

/** Fetches one package with apt's state kept in the checkout, and unpacks its programs: needs no root. */
function unpack(wanted) {
  const state = join(unpackDir, "apt");
  try {
    say(`· ${wanted.package}: unpacking from the distribution`);
    for (const dir of ["lists/partial", "cache/archives/partial"]) mkdirSync(join(state, dir), { recursive: true });
    const own = [
      "-o",
      `Dir::State::lists=${state}/lists`,
      "-o",
      `Dir::Cache=${state}/cache`,
      "-o",
      "Debug::NoLocking=1",
    ];
    run("apt-get", [...own, "update", "-q"], { what: "reading the distribution's package lists" });
    run("apt-get", [...own, "download", "-q", wanted.package], { cwd: state, what: `fetching ${wanted.package}` });
    const deb = readdirSync(state).find((name) => name.startsWith(`${wanted.package}_`) && name.endsWith(".deb"));
    if (!deb) throw new SetupError(`fetching ${wanted.package} left no .deb in ${state}`);
    run("dpkg-deb", ["-x", join(state, deb), join(unpackDir, "debian")], { what: `unpacking ${deb}` });
    mkdirSync(join(unpackDir, "bin"), { recursive: true });
    symlinkSync(join(unpackDir, "debian", "usr", "bin", wanted.program), join(unpackDir, "bin", wanted.program));
    rmSync(state, { recursive: true, force: true });
    return [];
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    return [{ ...wanted, reason: error.message }];
  }
}
