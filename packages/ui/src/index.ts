/** The design system: tokens, controls, panels, charts. Fetches nothing. */

export { chartTable } from './charts/chartTable.ts';
export { CursorProvider } from './charts/cursor.ts';
export {
  type ChartPlot,
  type ChartSeries,
  cropModel,
  endMs,
  finalSteps,
  firstKnownStep,
  lastKnown,
  stepStartMs,
  type TimeChartModel,
} from './charts/model.ts';
export { categoryColour, type SeriesColour, seriesCss } from './charts/palette.ts';
export { Sparkline } from './charts/Sparkline.tsx';
export { Tape, type TapeProps } from './charts/Tape.tsx';
export { TimeSeriesChart, type TimeSeriesChartProps } from './charts/TimeSeriesChart.tsx';
export { TAPE_MIN_MS, type TimeStretch } from './charts/tapeModel.ts';
export { useNowMs } from './clock/now.ts';
export { Button, type ButtonProps, buttonClass, IconButton, type IconButtonProps } from './controls/Button.tsx';
export { Chip, Kbd, VisuallyHidden } from './controls/Chip.tsx';
export { FilterBar, type FilterDimension } from './controls/FilterBar.tsx';
export { Menu, type MenuEntry } from './controls/Menu.tsx';
export { Segmented } from './controls/Segmented.tsx';
export { Drawer } from './drawer/Drawer.tsx';
export { EventFeed, type FeedRow } from './feed/EventFeed.tsx';
export * from './format/index.ts';
export { Icon } from './icons/Icon.tsx';
export { Logo } from './icons/Logo.tsx';
export type { IconName } from './icons/paths.ts';
export { MessagePage } from './pages/MessagePage.tsx';
export { CommandPalette, type PaletteCommand } from './palette/CommandPalette.tsx';
export { BigNumber, BigNumberRow } from './panel/BigNumber.tsx';
export { Panel, type PanelProps, type PanelView } from './panel/Panel.tsx';
export type { PanelError, PanelState, SkeletonShape } from './panel/panelState.ts';
export {
  initials,
  type LinkComponent,
  type NavItem,
  RAIL_COOKIE,
  type ShellPerson,
  type ShellWorkspace,
} from './shell/model.ts';
export { PageBar } from './shell/PageBar.tsx';
export { Shell, type ShellProps } from './shell/Shell.tsx';
export { ConnectionDot, type ConnectionStatus } from './status/Connection.tsx';
export { SourceBadge, type SourceInfo } from './status/SourceBadge.tsx';
export { Stamp } from './status/Stamp.tsx';
export { type AlertState, StateGlyph } from './status/StateGlyph.tsx';
export { DataTable } from './table/DataTable.tsx';
export { type TableCell, type TableColumn, type TableData, type TableRow, toCsv } from './table/tableData.ts';
export { ThemeKeeper } from './theme/ThemeKeeper.tsx';
export { parseThemeChoice, THEME_COOKIE, THEME_SCRIPT, type Theme, type ThemeChoice } from './theme/themeChoice.ts';
export { useTheme, useThemeChoice } from './theme/useTheme.ts';
export { rangeWords, type TimeRange, TimeRangePicker } from './time/TimeRangePicker.tsx';
export { ToastProvider, useToast } from './toast/Toast.tsx';
export { cx } from './util/cx.ts';
export { useSize } from './util/useSize.ts';
