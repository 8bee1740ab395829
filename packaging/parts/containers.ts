import { existsSync } from "node:fs";
import type { StartedTestContainer } from "testcontainers";

export const POSTGRES_IMAGE = process.env["WATCHPOST_TEST_POSTGRES_IMAGE"] ?? "postgres:18";
export const VICTORIA_METRICS_IMAGE =
  process.env["WATCHPOST_TEST_VM_IMAGE"] ?? "victoriametrics/victoria-metrics:latest";

export interface Containers {
  postgresUrl?: string;
  victoriaMetricsUrl?: string;
  stop(): Promise<void>;
}

/** Starts what a Docker engine here can run without pulling; undefined when no engine answers. */
export async function startContainers(): Promise<Containers | undefined> {
  const images = await localImages();
  if (!images) return undefined;
  const { GenericContainer, Wait } = await import("testcontainers");
  const running: StartedTestContainer[] = [];
  const containers: Containers = {
    async stop() {
      for (const container of running) await container.stop();
    },
  };
  if (images.has(POSTGRES_IMAGE)) {
    const postgres = await new GenericContainer(POSTGRES_IMAGE)
      .withEnvironment({ POSTGRES_USER: "watchpost", POSTGRES_PASSWORD: "watchpost-test", POSTGRES_DB: "watchpost" })
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forLogMessage(/database system is ready to accept connections/, 2))
      .start();
    running.push(postgres);
    const address = `${postgres.getHost()}:${postgres.getMappedPort(5432)}`;
    containers.postgresUrl = `postgres://watchpost:watchpost-test@${address}/watchpost`;
  }
  if (images.has(VICTORIA_METRICS_IMAGE)) {
    const victoriaMetrics = await new GenericContainer(VICTORIA_METRICS_IMAGE)
      .withCommand(["-search.latencyOffset=0s", "-search.disableCache", "-dedup.minScrapeInterval=1ms"])
      .withExposedPorts(8428)
      .withWaitStrategy(Wait.forHttp("/health", 8428))
      .start();
    running.push(victoriaMetrics);
    containers.victoriaMetricsUrl = `http://${victoriaMetrics.getHost()}:${victoriaMetrics.getMappedPort(8428)}`;
  }
  return containers;
}

/** Names of the images the engine already has, or undefined when none answers within two seconds. */
async function localImages(): Promise<Set<string> | undefined> {
  const host = process.env["DOCKER_HOST"] ?? "unix:///var/run/docker.sock";
  const socket = host.startsWith("unix://") ? host.slice("unix://".length) : undefined;
  if (socket !== undefined && !existsSync(socket)) return undefined;
  const url = `${socket === undefined ? host.replace(/^tcp:/, "http:") : "http://docker"}/images/json`;
  try {
    const response = await fetch(url, {
      signal: AbortSignal.timeout(2_000),
      ...(socket === undefined ? {} : { unix: socket }),
    });
    if (!response.ok) return undefined;
    const images = (await response.json()) as { RepoTags?: string[] | null }[];
    return new Set(images.flatMap((image) => image.RepoTags ?? []));
  } catch {
    return undefined;
  }
}
