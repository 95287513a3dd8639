using Castellan.Hosting;

namespace Castellan.Tests.Hosting;

public class What_the_start_gives_back
{
    [Fact]
    public void Only_pages_of_the_program_that_nobody_wrote()
    {
        string[] maps =
        [
            .. Mapping("1000-3000 r--p 00000000 fe:00 7 /opt/castellan", written: 0),
            .. Mapping("3000-7000 r-xp 00002000 fe:00 7 /opt/castellan", written: 0),
            .. Mapping("7000-8000 r--p 00006000 fe:00 7 /opt/castellan", written: 12), // addresses that the loader put in
            .. Mapping("7800-8000 r--p 00006800 fe:00 7 /opt/castellan", written: 0, swapped: 4), // the same, swapped out
            .. Mapping("8000-9000 rw-p 00007000 fe:00 7 /opt/castellan", written: 0),
            .. Mapping("9000-a000 r-xp 00000000 fe:00 8 /lib/libc.so.6", written: 0),
            .. Mapping("a000-b000 r--s 00000000 fe:00 7 /opt/castellan", written: 0),
            .. Mapping("b000-c000 rw-p 00000000 00:00 0", written: 0),
        ];
        Assert.Equal([(0x1000UL, 0x2000UL), (0x3000UL, 0x4000UL)], StartMemory.CleanPages(maps, "/opt/castellan"));
    }

    private static string[] Mapping(string header, int written, int swapped = 0) =>
        [header, "Size:                  8 kB", "Rss:                   8 kB", "Private_Clean:         8 kB", $"Anonymous:            {written} kB", $"Swap:                  {swapped} kB", "VmFlags: rd mr mw me sd"];
}
