using Xunit.v3;

// By default the runner orders tests by a hash that the path of the build enters: two checkouts of one commit run them in different orders, and a
// test that needs another one to have run fails in one of them alone. As they are written is the same everywhere.
[assembly: TestCollectionOrderer<UnorderedTestCollectionOrderer>]
[assembly: TestClassOrderer<UnorderedTestClassOrderer>]
[assembly: TestMethodOrderer<UnorderedTestMethodOrderer>]
[assembly: TestCaseOrderer<UnorderedTestCaseOrderer>]
