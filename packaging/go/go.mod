module example.com/virga/virga/packaging/go

go 1.19
