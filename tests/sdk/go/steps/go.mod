module virga.test/sdk/steps

go 1.19
