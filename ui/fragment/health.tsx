import { Icon } from "../component/icon.tsx";
import { plural } from "../component/quantity.ts";
import { StillChart, type StillChartView } from "../component/still-chart.tsx";

export interface HealthView {
  charts: StillChartView[];
  /** How many sensors the device has. */
  sensors: number;
  bad: { name: string; state: string }[];
}

/** What the device tells of itself; nothing where it tells nothing. */
export function Health({ view }: { view: HealthView }) {
  if (view.charts.length === 0 && view.sensors === 0) return <div id="device-health" />;
  return (
    <section class="section" id="device-health" aria-labelledby="health-title">
      <div class="section-head">
        <h2 id="health-title">Health</h2>
        <Sensors view={view} />
      </div>
      <div class="health-charts">
        {view.charts.map((chart) => (
          <div>
            <h3>{chart.title}</h3>
            <StillChart view={chart} />
          </div>
        ))}
      </div>
    </section>
  );
}

function Sensors({ view }: { view: HealthView }) {
  if (view.sensors === 0) return null;
  if (view.bad.length === 0) {
    return (
      <span class="label ok">
        <Icon name="circle-check" />
        {plural(view.sensors, "sensor")} ok
      </span>
    );
  }
  return (
    <ul class="bad-sensors">
      {view.bad.map((sensor) => (
        <li class={sensor.state === "failed" ? "label critical" : "label warning"}>
          <Icon name={sensor.state === "failed" ? "circle-x" : "triangle-alert"} />
          {sensor.name} {sensor.state}
        </li>
      ))}
    </ul>
  );
}
