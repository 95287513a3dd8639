using System.Diagnostics;
using NSec.Cryptography;

/// <summary>libsodium's Argon2id at the parameters that Keycloak stores: 7168 KiB, 5 passes, 1 lane, 32 bytes.</summary>
internal static class Argon2
{
    public static void Run(int seconds)
    {
        var algorithm = PasswordBasedKeyDerivationAlgorithm.Argon2id(new Argon2Parameters { DegreeOfParallelism = 1, MemorySize = 7168, NumberOfPasses = 5 });
        var salt = new byte[16];
        var hash = new byte[32];
        algorithm.DeriveBytes("warm-up", salt, hash);
        // By the time of the processor, as our own server is measured: a neighbour on the core counts for neither.
        var clock = Stopwatch.StartNew();
        var before = Environment.CpuUsage.TotalTime;
        var count = 0;
        for (; clock.Elapsed.TotalSeconds < seconds; count++) algorithm.DeriveBytes("a password", salt, hash);
        Console.WriteLine((count / (Environment.CpuUsage.TotalTime - before).TotalSeconds).ToString("0.0"));
    }
}
