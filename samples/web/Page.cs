namespace Castellan.Samples.Web;

/// <summary>What stands around everything that the application says.</summary>
internal static class Page
{
    public static IResult Of(string body) => Results.Content($$"""
        <!doctype html>
        <html lang="en">
        <head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>A web application</title><link rel="icon" href="data:,">
        <style>:root { color-scheme: light dark; font: 100%/1.5 system-ui, sans-serif } body { max-width: 40rem; margin: 12vh auto; padding: 0 1.25rem } pre { overflow: auto }</style></head>
        <body><h1>A web application</h1>{{body}}</body>
        </html>
        """, "text/html; charset=utf-8");
}
