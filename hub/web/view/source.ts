import type { Context, Role } from "../../context.ts";
import { contextFor, type Hub } from "../../hub.ts";
import type { Caller } from "../request.ts";
import { type Health, openHealth } from "./health.ts";
import { openSampleTimes, type SampleTimes } from "./sample-time.ts";
import { openSpacing, type Spacing } from "./spacing.ts";
import { openSparks, type Sparks } from "./spark.ts";
import { type InsightTrail, openTrail } from "./trail.ts";

/** What all pages share; lives as long as the hub. */
export interface Views {
  hub: Hub;
  trail: InsightTrail;
  sparks: Sparks;
  sampleTimes: SampleTimes;
  spacing: Spacing;
  health: Health;
}

export function openViews(hub: Hub): Views {
  return {
    hub,
    trail: openTrail(hub),
    sparks: openSparks(hub),
    sampleTimes: openSampleTimes(hub),
    spacing: openSpacing(hub),
    health: openHealth(hub),
  };
}

/** What one reader's view is loaded from. */
export interface Source extends Views {
  ctx: Context;
  role: Role;
  nowMs: number;
}

export function sourceFor(views: Views, caller: Caller): Source {
  const { hub } = views;
  return { ...views, ctx: contextFor(hub, caller.actor), role: caller.actor.role, nowMs: hub.clock.nowMs() };
}
