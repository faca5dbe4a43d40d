import { useQuery } from "@tanstack/react-query";
import { PageTitle } from "../../components/page-title.tsx";
import { QueryView } from "../../components/query-view.tsx";
import { Button } from "../../components/ui/button.tsx";
import { Skeleton } from "../../components/ui/skeleton.tsx";
import { GuideText } from "./guide-text.tsx";
import { GUIDE_URL, guideQuery } from "./read-guide.ts";

export function RecoveryGuide() {
  const query = useQuery(guideQuery);
  return (
    <div className="mx-auto max-w-4xl space-y-4">
      <div className="flex flex-wrap items-center justify-between gap-3">
        <PageTitle>Recovery guide</PageTitle>
        <Button asChild variant="outline" size="sm">
          <a href={GUIDE_URL} download>Save as Markdown</a>
        </Button>
      </div>
      <p className="text-muted-foreground text-[13px]">
        A copy is stored beside every backup, so that the bucket alone is enough to recover.
      </p>
      <QueryView query={query} what="The guide" loading={<Skeleton className="h-[70vh] rounded-xl" />}>
        {(text) => <GuideText text={text} />}
      </QueryView>
    </div>
  );
}
