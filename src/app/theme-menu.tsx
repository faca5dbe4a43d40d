import { CheckIcon, MonitorIcon, MoonIcon, SunIcon } from "lucide-react";
import { Button } from "../components/ui/button.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuTrigger,
} from "../components/ui/dropdown-menu.tsx";
import { setTheme, useTheme } from "../lib/theme.ts";

const THEMES = [["light", "Light", SunIcon], ["dark", "Dark", MoonIcon], [
  "system",
  "As the system",
  MonitorIcon,
]] as const;

export function ThemeMenu() {
  const theme = useTheme();
  const [, , Icon] = THEMES.find(([name]) => name === theme) ?? THEMES[2];
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label="Colours">
          <Icon aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">
        {THEMES.map(([name, text, ThemeIcon]) => (
          <DropdownMenuItem key={name} onSelect={() => setTheme(name)}>
            <ThemeIcon aria-hidden />
            {text}
            {name === theme && <CheckIcon aria-label="chosen" className="ml-auto" />}
          </DropdownMenuItem>
        ))}
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
