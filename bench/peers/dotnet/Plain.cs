using Microsoft.AspNetCore.Builder;

/// <summary>Kestrel answering a constant: the ceiling for anything that is served from memory.</summary>
internal static class Plain
{
    public static Task RunAsync(string url)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var answer = new byte[2000];
        Array.Fill(answer, (byte)'x');
        app.Run(context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = answer.Length;
            return context.Response.Body.WriteAsync(answer, 0, answer.Length);
        });
        return app.RunAsync(url);
    }
}
