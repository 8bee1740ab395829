import { findPages, type SearchHit, type SearchView } from "@watchpost/ui";
import { listScripts } from "../../automation/index.ts";
import { listDevices, listSites } from "../../device/index.ts";
import { listIncidents } from "../../incident/index.ts";
import type { Source } from "./source.ts";

const HITS_MAX = 6;
export const QUERY_CHARACTERS_MAX = 100;

/** A few of everything whose name holds the words; the lists of each kind find the rest. */
export async function searchAll({ ctx }: Source, query: string): Promise<SearchView> {
  const search = query.trim().slice(0, QUERY_CHARACTERS_MAX);
  if (search === "") return { query: "", groups: [{ label: "Go to", hits: findPages("") }] };
  const wanted = { search, limit: HITS_MAX };
  const [devices, incidents, sites, scripts] = await Promise.all([
    listDevices(ctx, wanted),
    listIncidents(ctx, wanted),
    listSites(ctx, wanted),
    listScripts(ctx, wanted),
  ]);
  return {
    query: search,
    groups: [
      { label: "Devices", hits: devices.devices.map(deviceHit) },
      {
        label: "Incidents",
        hits: incidents.incidents.map(({ id, number, title, status }) => ({
          href: `/incidents/${id}`,
          label: title,
          hint: `INC-${number} ${status.replace("_", " ")}`,
          icon: "siren",
        })),
      },
      {
        label: "Sites",
        hits: sites.map(({ name, title }) => ({
          href: `/devices?site=${encodeURIComponent(name)}`,
          label: title,
          hint: name,
          icon: "map-pin",
        })),
      },
      {
        label: "Scripts",
        hits: scripts.items.map(({ id, name, description }) => ({
          href: `/automation/${id}`,
          label: name,
          hint: description,
          icon: "terminal",
        })),
      },
      { label: "Go to", hits: findPages(search) },
    ],
  };
}

function deviceHit(device: { id: string; name: string; ipAddress: string; site: string }): SearchHit {
  return {
    href: `/devices/${device.id}`,
    label: device.name,
    hint: `${device.ipAddress} ${device.site}`,
    icon: "server",
  };
}
