using Castellan.Hosting;

namespace Castellan.Tests.Hosting;

/// <summary>The authorities that are trusted stand in a file, which must not keep a server from starting whose data directory cannot be written.</summary>
public sealed class Where_authorities_are_written
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_folder_that_cannot_be_written_is_no_end(bool writable)
    {
        var own = Directory.CreateTempSubdirectory("castellan-trust-").FullName;
        var file = Path.Combine(own, "a-file");
        File.WriteAllText(file, "");
        var folder = Path.Combine(writable ? own : file, "data");
        var written = TrustStore.Write(folder, "authorities");
        Assert.Equal("authorities", File.ReadAllText(written));
        Assert.Equal(writable, Path.GetDirectoryName(written) == folder);
        File.Delete(written);
        Directory.Delete(own, recursive: true);
    }
}
