import { MinuteTime } from "../component/age.tsx";
import { Empty } from "../component/empty.tsx";
import { Icon, type IconName } from "../component/icon.tsx";
import { plural } from "../component/quantity.ts";
import type { DeviceState } from "../component/status.tsx";

export interface TopologyNodeView {
  id: string;
  name: string;
  role: string;
  state: DeviceState;
  row: number;
  column: number;
  /** Nodes in its row. */
  width: number;
}

export interface TopologyView {
  site: string;
  sites: { name: string; title: string }[];
  nodes: TopologyNodeView[];
  cables: { from: string; to: string; label: string; state: DeviceState }[];
  rows: number;
  columns: number;
  /** The site's collector is away since then. */
  asOf?: Date;
}

/** A name that is longer than its box is cut there. */
const NODE_WIDTH = 106;
const NODE_HEIGHT = 32;
const COLUMN_WIDTH = 116;
const ROW_HEIGHT = 96;
const MARGIN = 8;

const STATES: Record<DeviceState, { icon: IconName; word: string }> = {
  up: { icon: "circle-check", word: "up" },
  down: { icon: "circle-x", word: "down" },
  unknown: { icon: "circle-question", word: "not polled yet" },
};

/** Top to bottom as traffic flows; every node is a link, a broken cable is dashed. */
export function TopologyMap({ view }: { view: TopologyView }) {
  if (view.nodes.length === 0) {
    return (
      <div id="topology-map">
        <Empty
          icon="network"
          title="Nothing to draw yet"
          command="collector once --config collector.yaml --device NAME"
        >
          The map follows from what devices tell of their neighbours (LLDP or CDP). To see what a device tells:
        </Empty>
      </div>
    );
  }
  const width = view.columns * COLUMN_WIDTH + 2 * MARGIN;
  const height = (view.rows - 1) * ROW_HEIGHT + NODE_HEIGHT + 2 * MARGIN;
  const places = new Map(view.nodes.map((node) => [node.id, placeOf(node, width)]));
  return (
    <div id="topology-map">
      <Summary view={view} />
      <div class="topology" tabindex={0} role="group" aria-label="Map">
        <svg
          viewBox={`0 0 ${width} ${height}`}
          width={width}
          height={height}
          role="group"
          aria-label="Devices and cables"
        >
          {view.cables.map((cable) => (
            <path class={`cable ${cable.state}`} d={curve(places.get(cable.from), places.get(cable.to))}>
              <title>
                {cable.label}, {STATES[cable.state].word}
              </title>
            </path>
          ))}
          {view.nodes.map((node) => (
            <Node node={node} place={places.get(node.id) ?? { x: 0, y: 0 }} />
          ))}
        </svg>
      </div>
    </div>
  );
}

function Summary({ view }: { view: TopologyView }) {
  const down = view.nodes.filter(({ state }) => state === "down").length;
  const broken = view.cables.filter(({ state }) => state === "down").length;
  return (
    <p class="muted">
      {plural(view.nodes.length, "device")}
      {down > 0 ? <span class="critical">, {down} down</span> : null}. {plural(view.cables.length, "cable")}
      {broken > 0 ? <span class="critical">, {broken} broken</span> : null}.
      {view.asOf === undefined ? null : (
        <span class="warning">
          {" "}
          As of <MinuteTime at={view.asOf} />: the site's collector is away since.
        </span>
      )}
    </p>
  );
}

interface Place {
  x: number;
  y: number;
}

/** Rows are centred. */
function placeOf({ row, column, width }: TopologyNodeView, whole: number): Place {
  const left = (whole - width * COLUMN_WIDTH) / 2;
  return { x: left + column * COLUMN_WIDTH + (COLUMN_WIDTH - NODE_WIDTH) / 2, y: MARGIN + row * ROW_HEIGHT };
}

function Node({ node, place }: { node: TopologyNodeView; place: Place }) {
  const { icon, word } = STATES[node.state];
  return (
    <a
      class={`topology-node ${node.state}`}
      id={`node-${node.id}`}
      href={`/devices/${node.id}`}
      aria-label={`${node.name}, ${node.role === "" ? "" : `${node.role}, `}${word}`}
    >
      <title>
        {node.name}, {node.role}
      </title>
      <rect x={place.x} y={place.y} width={NODE_WIDTH} height={NODE_HEIGHT} rx="6" />
      <Icon name={icon} at={{ x: place.x + 8, y: place.y + 8 }} />
      <svg x={place.x + 30} y={place.y} width={NODE_WIDTH - 36} height={NODE_HEIGHT}>
        <text y="20">{node.name}</text>
      </svg>
    </a>
  );
}

/** From the lower edge of the upper node to the upper edge of the lower; side by side it bends below. */
function curve(a: Place | undefined, b: Place | undefined): string {
  if (!a || !b) return "";
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a];
  const x1 = upper.x + NODE_WIDTH / 2;
  const x2 = lower.x + NODE_WIDTH / 2;
  const y1 = upper.y + NODE_HEIGHT;
  if (upper.y === lower.y) return `M${x1} ${y1}C${x1} ${y1 + 28} ${x2} ${y1 + 28} ${x2} ${y1}`;
  const y2 = lower.y;
  const middle = (y1 + y2) / 2;
  return `M${x1} ${y1}C${x1} ${middle} ${x2} ${middle} ${x2} ${y2}`;
}
