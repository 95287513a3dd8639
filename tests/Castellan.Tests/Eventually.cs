namespace Castellan.Tests;

/// <summary>What another thread or node does takes its time: a minute at most, so that a busy machine fails no test.</summary>
internal static class Eventually
{
    public static Task IsAsync(Func<bool> condition) => IsAsync(() => Task.FromResult(condition()));

    public static async Task IsAsync(Func<Task<bool>> condition)
    {
        for (var attempt = 0; attempt < 1_200; attempt++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(50);
        }

        Assert.Fail("It did not come to pass within a minute.");
    }
}
