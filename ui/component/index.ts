export { Age, ClockTime, FullTime, Left, MinuteTime } from "./age.tsx";
export { ageText } from "./age-text.ts";
export { Bar, type DeviceCounts, StateBar } from "./bar.tsx";
export { Command, Empty } from "./empty.tsx";
export { type Freshness, KnownState, LastHeard } from "./freshness.tsx";
export { Icon, type IconName } from "./icon.tsx";
export { Notice, type NoticeTone } from "./notice.tsx";
export { PostButton } from "./post-button.tsx";
export { bitRate, byteSize, count, durationMs, percent, plural } from "./quantity.ts";
export { type Severity, SeverityLabel } from "./severity.tsx";
export { Sparkline } from "./sparkline.tsx";
export {
  type ApprovalStatus,
  ApprovalStatusLabel,
  type CollectorStatus,
  CollectorStatusLabel,
  type DeviceState,
  DeviceStateLabel,
  type ExecutionStatus,
  ExecutionStatusLabel,
  type IncidentStatus,
  IncidentStatusLabel,
  LinkStateLabel,
} from "./status.tsx";
export { StillChart, type StillChartView, type StillScale, type StillSeries } from "./still-chart.tsx";
