import type { ReactNode } from "react";
import { Badge } from "../../components/ui/badge.tsx";
import { Card } from "../../components/ui/card.tsx";
import { Tabs, TabsContent, TabsList, TabsTrigger } from "../../components/ui/tabs.tsx";
import { formatCount } from "../../lib/format.ts";

export interface DetailTab {
  readonly name: string;
  readonly count?: number;
  /** True when something in the tab needs attention. */
  readonly alarming?: boolean;
  readonly content: ReactNode;
}

export function DetailTabs({ tabs }: { tabs: readonly DetailTab[] }) {
  return (
    <Card className="overflow-hidden">
      <Tabs defaultValue="0">
        <TabsList aria-label="Details">
          {tabs.map(({ name, count, alarming }, index) => (
            <TabsTrigger key={name} value={String(index)}>
              {name}
              {count !== undefined && (
                <Badge variant={alarming ? "negative" : "neutral"} className="tabular-nums">{formatCount(count)}</Badge>
              )}
            </TabsTrigger>
          ))}
        </TabsList>
        {tabs.map(({ name, content }, index) => <TabsContent key={name} value={String(index)}>{content}</TabsContent>)}
      </Tabs>
    </Card>
  );
}
